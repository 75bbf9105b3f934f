// Generated from schemas/accounts.schema.json by `npm run generate`. Edit that file, not this one.
export const accountsSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "widget-sync accounts",
  "description": "Many accounts, each with a directory, a key and options of its own: the file of --accounts.",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "defaults": {
      "description": "What holds for every account that does not say otherwise.",
      "type": ["object", "null"],
      "additionalProperties": false,
      "properties": {
        "api_url": {
          "$ref": "#/definitions/api_url"
        },
        "rate": {
          "$ref": "#/definitions/rate"
        },
        "concurrency": {
          "$ref": "#/definitions/concurrency"
        },
        "timeout": {
          "$ref": "#/definitions/timeout"
        },
        "live": {
          "$ref": "#/definitions/live"
        },
        "drift": {
          "$ref": "#/definitions/drift"
        },
        "released": {
          "$ref": "#/definitions/released"
        },
        "max_changes": {
          "$ref": "#/definitions/max_changes"
        },
        "allow": {
          "$ref": "#/definitions/allow"
        },
        "keep_history": {
          "$ref": "#/definitions/keep_history"
        },
        "resync": {
          "$ref": "#/definitions/resync"
        },
        "timezone": {
          "$ref": "#/definitions/timezone"
        },
        "suspend": {
          "$ref": "#/definitions/suspend"
        },
        "files": {
          "$ref": "#/definitions/files"
        }
      }
    },
    "each": {
      "description": "One account for each folder that fits.",
      "type": "object",
      "additionalProperties": false,
      "required": ["directory", "key_file"],
      "properties": {
        "directory": {
          "description": "The folder of each account's widget files, relative to this file; {name} is one folder, and the account's name.",
          "type": "string",
          "pattern": "^(?:.*/)?\\{name\\}(?:/.*)?$",
          "examples": ["clients/{name}/widgets"]
        },
        "key_file": {
          "description": "The file that holds each account's API key, relative to this file, with {name} in it.",
          "type": "string",
          "pattern": "\\{name\\}",
          "examples": ["/etc/widget-sync/keys/{name}"]
        }
      }
    },
    "accounts": {
      "description": "Accounts by name: what differs for one that each finds, or accounts that it does not find.",
      "type": "object",
      "propertyNames": {
        "pattern": "^(?!(?:widgets|orders)$)[a-z0-9][a-z0-9-]{0,62}$"
      },
      "additionalProperties": {
        "description": "One account.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "dependencies": {
          "key_env": {
            "not": {
              "required": ["key_file"]
            }
          }
        },
        "properties": {
          "directory": {
            "$ref": "#/definitions/directory"
          },
          "key_file": {
            "$ref": "#/definitions/key_file"
          },
          "key_env": {
            "$ref": "#/definitions/key_env"
          },
          "api_url": {
            "$ref": "#/definitions/api_url"
          },
          "rate": {
            "$ref": "#/definitions/rate"
          },
          "concurrency": {
            "$ref": "#/definitions/concurrency"
          },
          "timeout": {
            "$ref": "#/definitions/timeout"
          },
          "live": {
            "$ref": "#/definitions/live"
          },
          "drift": {
            "$ref": "#/definitions/drift"
          },
          "released": {
            "$ref": "#/definitions/released"
          },
          "max_changes": {
            "$ref": "#/definitions/max_changes"
          },
          "allow": {
            "$ref": "#/definitions/allow"
          },
          "keep_history": {
            "$ref": "#/definitions/keep_history"
          },
          "resync": {
            "$ref": "#/definitions/resync"
          },
          "timezone": {
            "$ref": "#/definitions/timezone"
          },
          "suspend": {
            "$ref": "#/definitions/suspend"
          },
          "files": {
            "$ref": "#/definitions/files"
          }
        }
      }
    }
  },
  "definitions": {
    "directory": {
      "description": "The folder of the account's widget files; relative to this file.",
      "type": "string",
      "minLength": 1
    },
    "key_file": {
      "description": "A file that holds the account's API key, and nothing else; relative to this file.",
      "type": "string",
      "minLength": 1
    },
    "key_env": {
      "description": "The variable of the environment that holds the account's API key, instead of key_file.",
      "type": "string",
      "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
    },
    "api_url": {
      "description": "The base URL of the API. Default: https://api.insighto.ai.",
      "type": "string",
      "examples": ["http://127.0.0.1:8080"]
    },
    "rate": {
      "description": "The most requests that start in any such time. Default: 5/s.",
      "type": "string",
      "examples": ["5/s", "300/m", "1000/h"]
    },
    "concurrency": {
      "description": "The most requests at once. Default: 4.",
      "type": ["integer", "string"]
    },
    "timeout": {
      "description": "The longest time for one request. Default: 30s.",
      "type": "string",
      "examples": ["500ms", "10s", "2m"]
    },
    "live": {
      "description": "auto reads what is live and keeps undeclared fields; off decides by hashes alone. Default: auto.",
      "type": "string",
      "enum": ["auto", "off"]
    },
    "drift": {
      "description": "What a change made in the dashboard leads to. Default: correct.",
      "type": "string",
      "enum": ["correct", "report"]
    },
    "released": {
      "description": "What becomes of a field that a file no longer declares. Default: reset.",
      "type": "string",
      "enum": ["reset", "leave"]
    },
    "max_changes": {
      "description": "A pass that would change more widgets waits for apply --checksum. auto: more than 25% of them, and 10 at least, where files extend fragments, else off. Default: auto.",
      "type": ["integer", "string"],
      "examples": [25, "10%", "auto", "off"]
    },
    "allow": {
      "description": "Warnings and notes that are not to be given, by their codes. Default: none.",
      "type": "array",
      "uniqueItems": true,
      "items": {
        "type": "string"
      }
    },
    "keep_history": {
      "description": "The most room for the history of writes, beyond which its oldest half goes. Default: 64MiB.",
      "type": "string",
      "examples": ["64MiB", "all"]
    },
    "resync": {
      "description": "When everything is compared with what is live: hourly and daily at a time that the account's name tells, a cron expression, or off. Default: hourly.",
      "type": "string",
      "examples": ["hourly", "daily", "0 6 * * *", "off"]
    },
    "timezone": {
      "description": "The time zone of resync. Default: the system's.",
      "type": "string",
      "examples": ["Europe/Paris"]
    },
    "suspend": {
      "description": "Whether nothing of it is written for now; a text is the reason. Default: false.",
      "type": ["boolean", "string"]
    },
    "files": {
      "description": "Of several replicas: own where each has its files from git, and knows their revision; shared where all read one volume. Default: own.",
      "type": "string",
      "enum": ["own", "shared"]
    }
  }
} as const;
