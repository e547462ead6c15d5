"""How alerts are told: on the terminal, as JSON, and to webhooks, mail, Slack and Telegram."""
