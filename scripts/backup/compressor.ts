/** Compression beside whatever else this process does. */

/** A piece as it is stored. */
export interface CompressedPiece {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly rows: number;
}

/** Compresses one piece at a time, on a thread of its own. */
export class Compressor implements Disposable {
  private readonly worker = new Worker(import.meta.resolve("./compression_worker.ts"), { type: "module" });

  /** @param piece Text of whole rows; it is given away. */
  compress(piece: Uint8Array<ArrayBuffer>): Promise<CompressedPiece> {
    return new Promise((resolve, reject) => {
      this.worker.onmessage = ({ data }: MessageEvent<CompressedPiece>) => resolve(data);
      this.worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`Cannot compress as the thread must go on: ${event.message}`));
      };
      this.worker.postMessage(piece, [piece.buffer]);
    });
  }

  [Symbol.dispose](): void {
    this.worker.terminate();
  }
}
