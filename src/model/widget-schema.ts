// Generated from schemas/widget.schema.json by `npm run generate`. Edit that file, not this one.
export const widgetSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "widget-sync widget",
  "description": "One widget of an AI agent. What this file declares is kept as declared; what it does not mention is left alone.",
  "type": "object",
  "required": ["widget_id"],
  "if": { "required": ["extends"] },
  "else": { "required": ["widget_type"] },
  "additionalProperties": false,
  "properties": {
    "widget_id": {
      "type": "string",
      "format": "uuid",
      "description": "The widget's id (UUID), from its page in the dashboard. It is the widget's identity: the file may be renamed freely."
    },
    "extends": {
      "type": ["string", "array"],
      "items": {
        "type": "string"
      },
      "description": "The fragment whose fields this file inherits, or a list of them, the weakest first: paths from this file's folder, such as ../_brand.yaml. A fragment's name, or that of a folder around it, begins with _."
    },
    "omit": {
      "type": "array",
      "items": {
        "type": "string",
        "format": "json-pointer"
      },
      "description": "JSON Pointers, such as /bubble_text or /style_params/width, to what this file does not want of the fields that it inherits."
    },
    "widget_type": {
      "type": ["string", "null"],
      "enum": [
        "chat",
        "html",
        "whatsapp",
        "phone",
        "html_call",
        "leadconnector",
        "leadconnector_call",
        "sms",
        "fb_messenger",
        "instagram",
        "web_call",
        "plivo_call",
        "telnyx_call",
        "telegram",
        "render_form",
        null
      ],
      "description": "The channel the widget serves, or null. Required by the API in every update."
    },
    "org_id": {
      "type": ["string", "null"],
      "format": "uuid",
      "description": "The organisation the widget belongs to (UUID), or null."
    },
    "assistant_id": {
      "type": ["string", "null"],
      "format": "uuid",
      "description": "The assistant that answers on this widget (UUID), or null for none."
    },
    "name": {
      "type": ["string", "null"],
      "description": "The widget's name in the dashboard, or null."
    },
    "description": {
      "type": ["string", "null"],
      "description": "What the widget is for, shown in the dashboard, or null."
    },
    "display_name": {
      "type": ["string", "null"],
      "description": "The name that visitors see in the header, or null."
    },
    "intro_message": {
      "type": ["string", "null"],
      "description": "The first message that visitors see, or null."
    },
    "attributes": {
      "type": "object",
      "description": "Free settings of the channel, by name. Sent as a whole; the API does not accept null here."
    },
    "user_opening_messages": {
      "type": "array",
      "items": {
        "type": "string"
      },
      "description": "Suggestions that a visitor can send with one tap, in this order. The API does not accept null here; [] clears them."
    },
    "header_color": {
      "type": ["string", "null"],
      "description": "Colour of the header, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "user_message_color": {
      "type": ["string", "null"],
      "description": "Colour of the visitor's message bubbles, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "bot_message_color": {
      "type": ["string", "null"],
      "description": "Colour of the assistant's message bubbles, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "bot_icon_color": {
      "type": ["string", "null"],
      "description": "Colour of the assistant's icon, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "ice_break_color": {
      "type": ["string", "null"],
      "description": "Colour of the opening suggestions, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "bubble_color": {
      "type": ["string", "null"],
      "description": "Colour of the launcher bubble on the page, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "bot_text_message_color": {
      "type": ["string", "null"],
      "description": "Colour of the text in the assistant's messages, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "user_text_message_color": {
      "type": ["string", "null"],
      "description": "Colour of the text in the visitor's messages, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "header_text_color": {
      "type": ["string", "null"],
      "description": "Colour of the text in the header, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "action_buttons_color": {
      "type": ["string", "null"],
      "description": "Colour of the action buttons, as CSS writes it: \"#1f2937\" (quote it: a bare # starts a YAML comment)."
    },
    "bubble_text": {
      "type": ["string", "null"],
      "description": "Text beside the launcher bubble, or null."
    },
    "textbox_default_text": {
      "type": ["string", "null"],
      "description": "Placeholder in the message box, or null."
    },
    "remove_branding": {
      "type": ["boolean", "null"],
      "default": false,
      "description": "Hide the vendor's branding: true, false (the API's default) or null."
    },
    "action_buttons": {
      "type": "array",
      "items": {},
      "description": "Buttons shown above the message box; each entry is passed to the API as it is. The API does not accept null here; [] clears them."
    },
    "style_params": {
      "type": ["object", "null"],
      "description": "Free style settings, by name, or null. Sent as a whole."
    },
    "sync": {
      "type": "object",
      "additionalProperties": false,
      "description": "How this widget is kept. Never sent to the API.",
      "properties": {
        "suspend": {
          "type": "boolean",
          "default": false,
          "description": "true leaves the widget as it is until this is removed or false, or until `until` has passed."
        },
        "reason": {
          "type": "string",
          "description": "Why it is suspended, or why its drift is treated specially; shown in plans and logs."
        },
        "until": {
          "type": "string",
          "format": "date-or-time",
          "description": "End of the suspension: a date (2026-12-24, its first moment in UTC) or a time with zone (2026-12-24T18:00:00+01:00)."
        },
        "drift": {
          "type": "string",
          "enum": ["correct", "report", "off"],
          "description": "What a change made in the dashboard leads to: correct writes git's values again, report only says so, off does not look. Default: what --drift says."
        },
        "ignore": {
          "type": "array",
          "items": {
            "type": "string",
            "format": "json-pointer"
          },
          "description": "JSON Pointers into the body, such as /bubble_text or /style_params/width, that belong to the dashboard: their live values never count as drift and are kept by every write."
        },
        "allow": {
          "type": "array",
          "items": {
            "type": "string",
            "enum": [
              "swallowed-comment",
              "swallowed-mark",
              "blank-value",
              "respelled-number",
              "like-a-key",
              "no-effect",
              "not-a-colour",
              "low-contrast",
              "empty-suggestion",
              "double-suggestion",
              "not-painted",
              "long-name",
              "several-sms"
            ]
          },
          "description": "Codes of warnings and notes that this file is not to get, such as low-contrast."
        }
      }
    }
  }
} as const;
