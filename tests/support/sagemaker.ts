/** A stand-in for SageMaker's StartPipelineExecution that checks signatures and shapes itself, and tells repetitions. */

import { isSignedFor, type SigningKey } from "./signature.ts";

export const SAGEMAKER_KEY: SigningKey = {
  id: "AKIATESTTESTTESTTEST",
  secret: "sagemaker/secret+of/the+test/bench/0123",
};

/** What a pipeline was started with. */
// deno-lint-ignore no-explicit-any
export type StartRequest = Record<string, any>;

function failure(code: string): Response {
  return new Response(JSON.stringify({ __type: code, Message: `not with ${SAGEMAKER_KEY.secret}` }), {
    status: 400,
    headers: { "content-type": "application/x-amz-json-1.1" },
  });
}

/**
 * Answers as SageMaker does, in a region, of an account with one pipeline.
 *
 * @param parameters Names of the parameters that the pipeline has.
 * @param started The executions by token: a repetition starts none, and is answered as the first.
 */
export function sageMaker(
  region: string,
  pipeline: string,
  parameters: readonly string[],
  started: Map<string, StartRequest>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = await request.text();
    if (!isSignedFor({ key: SAGEMAKER_KEY, service: "sagemaker", region }, request, body)) {
      return failure("InvalidSignatureException");
    }
    if (
      request.method !== "POST" || new URL(request.url).pathname !== "/" ||
      request.headers.get("content-type") !== "application/x-amz-json-1.1" ||
      request.headers.get("x-amz-target") !== "SageMaker.StartPipelineExecution"
    ) return failure("UnknownOperationException");
    const sent: StartRequest = JSON.parse(body);
    // the lengths and patterns of the API reference
    if (
      !/^.{32,128}$/.test(sent.ClientRequestToken) ||
      !/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}$/.test(sent.PipelineExecutionDisplayName) ||
      !/^.{0,3072}$/.test(sent.PipelineExecutionDescription) ||
      !Array.isArray(sent.PipelineParameters) ||
      sent.PipelineParameters.some(({ Name, Value }) =>
        !parameters.includes(Name) || !/^.{1,1024}$/.test(Value)
      )
    ) return failure("ValidationException");
    if (sent.PipelineName !== pipeline) return failure("ResourceNotFound");
    if (!started.has(sent.ClientRequestToken)) started.set(sent.ClientRequestToken, sent);
    const execution = [...started.keys()].indexOf(sent.ClientRequestToken);
    return Response.json({
      PipelineExecutionArn:
        `arn:aws:sagemaker:${region}:123456789012:pipeline/${pipeline}/execution/abc${execution}`,
    });
  };
}
