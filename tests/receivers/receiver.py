"""Receives webhooks: SECRET=whsec_... python3 receiver.py PORT"""
import os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["SECRET"])
seen = set()  # in your database, written together with what an event changes

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            event = webhook.verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError):
            self.send_response(401)
            return self.end_headers()
        webhook_id, data = self.headers["webhook-id"], event["data"]
        print(webhook_id, event["type"], data.get("event_id", "-"), flush=True)
        # Other types are accepted and ignored.
        if event["type"] == "enrolment.paid" and webhook_id not in seen:
            print("open course", data["enrolment"]["course_id"], "to", data["enrolment"]["user_id"], flush=True)
        seen.add(webhook_id)
        self.send_response(204)
        self.end_headers()

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
