// Generated from schemas/notify.schema.json by `npm run generate`. Edit that file, not this one.
export const notifySchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "widget-sync notifications",
  "description": "Who is told of what needs a hand: the file of `run --notify`.",
  "type": "object",
  "additionalProperties": false,
  "required": ["targets"],
  "properties": {
    "targets": {
      "description": "Each is told by itself; one that does not answer holds up nothing else.",
      "type": "array",
      "minItems": 1,
      "maxItems": 50,
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["to", "url_file"],
        "properties": {
          "to": {
            "description": "The form of the messages.",
            "type": "string",
            "enum": ["slack", "teams", "discord", "webhook"]
          },
          "url_file": {
            "description": "A file that holds the address, and nothing else; relative to this file.",
            "type": "string",
            "minLength": 1
          },
          "secret_file": {
            "description": "Of a webhook: a file that holds the secret of its signatures, whsec_ and base64.",
            "type": "string",
            "minLength": 1
          },
          "events": {
            "description": "The types of messages that are sent. Default: all but widgets.applied.",
            "type": "array",
            "minItems": 1,
            "uniqueItems": true,
            "items": {
              "type": "string",
              "enum": [
                "widgets.applied",
                "widget.failed",
                "file.held",
                "drift.found",
                "drift.fought-over",
                "widget.orphaned",
                "plan.refused",
                "key.refused",
                "service.down",
                "pass.failed",
                "account.unfollowed",
                "accounts-file.refused"
              ]
            }
          },
          "min_severity": {
            "description": "Less severe messages are left out. Default: info, which leaves out none.",
            "type": "string",
            "enum": ["info", "warning", "error"]
          },
          "name": {
            "description": "What the log calls this target. Default: the form and its place, such as slack 1.",
            "type": "string",
            "minLength": 1,
            "maxLength": 60
          }
        }
      }
    }
  }
} as const;
