/**
 * An AWS account on this machine: receives the requests that the real SDK sends, checks signatures and inputs as AWS
 * documents them, keeps what was made, and answers as the services do.
 */

import { z } from "zod";
import type { ClientOptions } from "../../../scripts/aws/clients.ts";
import { isSignedFor, serviceOf, type SigningKey } from "../signature.ts";
import { Buckets } from "./buckets.ts";
import { escape, fromForm, operation, Refusal, type Service, toXml } from "./exchange.ts";
import { Firehose } from "./firehose.ts";
import { Iam } from "./iam.ts";
import { Logs } from "./logs.ts";
import { Streams } from "./streams.ts";
import { Topics } from "./topics.ts";

export const ACCOUNT = "111122223333";
export const REGION = "eu-central-1";
export const KEY: SigningKey = {
  id: "AKIATESTTESTTESTTEST",
  secret: "aws/secret+of/the+test/account/0123456789",
};

/** One request, as it was understood. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** A request to be spoiled: answered with an error, before anything is done or after it. */
export interface Spoil {
  readonly when: "before" | "after";
  readonly refusal: Refusal;
}

const NAMESPACES: Record<string, string> = {
  iam: "https://iam.amazonaws.com/doc/2010-05-08/",
  sns: "http://sns.amazonaws.com/doc/2010-03-31/",
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
};
const TARGETS: Record<string, string> = {
  kinesis: "Kinesis_20131202",
  firehose: "Firehose_20150804",
  logs: "Logs_20140328",
};
const VERSIONS: Record<string, string> = { iam: "2010-05-08", sns: "2010-03-31", sts: "2011-06-15" };

const REQUEST_ID = "0e0f7a64-0000-5000-8000-000000000000";

/** The account, with a server in front of it. */
export class AwsAccount {
  readonly iam = new Iam(ACCOUNT);
  readonly topics = new Topics(ACCOUNT, REGION);
  readonly logs = new Logs();
  readonly buckets = new Buckets(ACCOUNT, REGION);
  readonly streams = new Streams(ACCOUNT, REGION);
  readonly firehose = new Firehose(ACCOUNT, REGION, this.iam, (arn) => this.streams.exists(arn));
  /** Every request, in its order. */
  calls: Call[] = [];
  /** Requests that AWS would not have understood; a test that does not expect them ends with none. */
  readonly misunderstood: string[] = [];
  /** Says which requests are spoiled. */
  spoil: (call: Call) => Spoil | undefined = () => undefined;
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;

  readonly #services: Record<string, Service> = {
    kinesis: this.streams.service,
    firehose: this.firehose.service,
    logs: this.logs.service,
    iam: this.iam.service,
    sns: this.topics.service,
    sts: {
      GetCallerIdentity: operation(z.strictObject({}), () => ({
        Account: ACCOUNT,
        Arn: `arn:aws:iam::${ACCOUNT}:user/tester`,
        UserId: "AIDATESTTESTTESTTESTA",
      })),
    },
  };

  /** Starts the server. */
  static async start(): Promise<AwsAccount> {
    const account = new AwsAccount();
    await account.streams.start();
    account.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => account.#serve(request),
    );
    return account;
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#server!.addr.port}`;
  }

  /** What clients are made with in this process. */
  get options(): ClientOptions {
    const credentials = { accessKeyId: KEY.id, secretAccessKey: KEY.secret };
    return { region: REGION, endpoint: this.#url, credentials };
  }

  /** What the SDK reads in a process that is started. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.#url,
      AWS_ACCESS_KEY_ID: KEY.id,
      AWS_SECRET_ACCESS_KEY: KEY.secret,
      AWS_REGION: REGION,
    };
  }

  /** Requests that change something, as `iam:CreateRole`. */
  get writes(): string[] {
    return this.calls.filter(({ operation }) => !/^(Get|List|Describe|Head)/.test(operation))
      .map(({ service, operation }) => `${service}:${operation}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server!.shutdown();
    await this.streams.stop();
  }

  async #serve(request: Request): Promise<Response> {
    const body = await request.text();
    const service = serviceOf(request) ?? "";
    const refuse = (refusal: Refusal) => failure(service, request.method, refusal);
    if (!isSignedFor({ key: KEY, service, region: REGION }, request, body)) {
      return refuse(new Refusal("SignatureDoesNotMatch", "The signature does not match", 403));
    }
    try {
      const { call, answer } = service === "s3"
        ? this.#bucketCall(request, body)
        : this.#call(service, request, body);
      this.calls.push(call);
      const spoiled = this.spoil(call);
      if (spoiled?.when === "before") return refuse(spoiled.refusal);
      const response = await answer();
      return spoiled === undefined ? response : refuse(spoiled.refusal);
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.status === 501) this.misunderstood.push(error.message);
        return refuse(error);
      }
      if (!(error instanceof z.ZodError)) throw error;
      this.misunderstood.push(`${service}: ${body}: ${z.prettifyError(error)}`);
      return refuse(new Refusal("ValidationException", z.prettifyError(error)));
    }
  }

  #bucketCall(request: Request, body: string): { call: Call; answer: () => Response } {
    const { operation, input, answer } = this.buckets.read(request, body);
    return { call: { service: "s3", operation, input }, answer };
  }

  #call(service: string, request: Request, body: string): { call: Call; answer: () => Promise<Response> } {
    const isQuery = service in VERSIONS;
    const { Action, Version, ...form } = isQuery ? fromForm(new URLSearchParams(body)) : {};
    const [target, named] = (request.headers.get("x-amz-target") ?? "").split(".");
    if (isQuery ? Version !== VERSIONS[service] : target !== TARGETS[service]) {
      throw new Refusal("UnknownOperationException", `${service} does not know ${target}`, 501);
    }
    const name = isQuery ? String(Action) : named;
    const known = this.#services[service]?.[name];
    if (known === undefined) throw new Refusal("UnknownOperationException", `${service}:${name}`, 501);
    const input = (isQuery ? form : JSON.parse(body)) as Record<string, unknown>;
    return {
      call: { service, operation: name, input },
      answer: async () => {
        const result = await known.answer(known.input.parse(input));
        if (isQuery) return queryAnswer(service, name, result);
        return new Response(result === undefined ? null : JSON.stringify(result), {
          headers: { "content-type": "application/x-amz-json-1.1" },
        });
      },
    };
  }
}

function queryAnswer(service: string, name: string, result: unknown): Response {
  return new Response(
    `<${name}Response xmlns="${NAMESPACES[service]}">` +
      (result === undefined ? "" : `<${name}Result>${toXml(result)}</${name}Result>`) +
      `<ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata></${name}Response>`,
    { headers: { "content-type": "text/xml" } },
  );
}

/** A refusal as the service writes it. */
function failure(service: string, method: string, { code, message, status }: Refusal): Response {
  if (service === "s3") {
    const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${
      escape(message)
    }</Message><RequestId>${REQUEST_ID}</RequestId></Error>`;
    return new Response(method === "HEAD" ? null : text, {
      status,
      headers: { "content-type": "application/xml" },
    });
  }
  if (service in NAMESPACES) {
    return new Response(
      `<ErrorResponse xmlns="${NAMESPACES[service]}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${
        escape(message)
      }</Message></Error><RequestId>${REQUEST_ID}</RequestId></ErrorResponse>`,
      { status, headers: { "content-type": "text/xml" } },
    );
  }
  return new Response(JSON.stringify({ __type: code, message }), {
    status,
    headers: { "content-type": "application/x-amz-json-1.1" },
  });
}
