import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import type { Facts } from "./facts.js";
import { processRequest } from "./process-request.js";

const LARGEST_BODY = 256 * 1024;

const secret = process.env.POLICY_WEBHOOK_SECRET;
if (!secret) {
  console.error("POLICY_WEBHOOK_SECRET is not set: the plane's `spec.secret` names the same one.");
  process.exit(1);
}
const webhook = new Webhook(secret);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST" || request.url !== "/check") {
    return send(response, 404, { error: "POST /check is all there is." });
  }
  const body = await bodyOf(request);
  if (body === null) return send(response, 413, { error: "That is too long." });
  const facts = verified(body, request);
  if (facts === null) return send(response, 401, { error: "The signature is not the plane's." });
  const verdict = await processRequest(facts);
  console.log(`${facts.request.id}: ${verdict.verdict} ${verdict.reason ?? ""}`.trimEnd());
  return send(response, 200, verdict);
}

/** The facts, if the plane signed them a moment ago; nothing of them is looked at before. */
function verified(body: string, request: IncomingMessage): Facts | null {
  try {
    return webhook.verify(body, request.headers as Record<string, string>) as Facts;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return null;
    throw error;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length > LARGEST_BODY) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function send(response: ServerResponse, status: number, document: object): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(document));
}

const server = createServer((request, response) => {
  // Whatever goes wrong is no verdict: the plane asks again after a 503.
  answer(request, response).catch((error) => {
    console.error(error);
    send(response, 503, { error: "There is no verdict now." });
  });
});

server.listen(Number(process.env.PORT ?? 8703), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`The plane may ask at http://127.0.0.1:${port}/check`);
});
