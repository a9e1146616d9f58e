// Receives webhooks: SECRET=whsec_... node receiver.ts PORT (Node.js 22.18 or later)
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

type Event = { type: string; data: { event_id?: number; enrolment?: { user_id: string; course_id: number } } };

const webhook = new Webhook(process.env["SECRET"] ?? "");
const seen = new Set<string>(); // in your database, written together with what an event changes

createServer(async (request, response) => {
  let event: Event;
  try {
    const body = Buffer.concat(await Array.fromAsync(request));
    event = webhook.verify(body, request.headers as Record<string, string>) as Event;
  } catch {
    return response.writeHead(401).end();
  }
  const id = String(request.headers["webhook-id"]);
  const { type, data } = event;
  console.log(id, type, data.event_id ?? "-");
  // Other types are accepted and ignored.
  if (type === "enrolment.paid" && !seen.has(id)) {
    console.log("open course", data.enrolment?.course_id, "to", data.enrolment?.user_id);
  }
  seen.add(id);
  response.writeHead(204).end();
}).listen(Number(process.argv[2]), "127.0.0.1");
