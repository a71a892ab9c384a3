"""Replies that need no tool: greetings, help, and what the assistant does not do."""

REPLIES = {
    "greeting": "Hello. Ask me about the batteries, for example “how hot is D03?” or “which device needs attention?”",
    "help": (
        "I answer questions about the batteries from their own data. You can ask for\n\n"
        "- values now: “string voltage of D03”, “is the mains present at Harbor?”\n"
        "- history and charts: “average temperature of D01 since Monday”\n"
        "- comparisons and rankings: “compare D01 and D02”, “which device is hottest?”\n"
        "- limits, events and cells: “was D04 ever too hot?”, “outages this month”, “weakest cell of D02”\n"
        "- health and data quality: “how healthy is the fleet?”, “is D05 online?”\n"
        "- alerts and causes: “any alerts at Hilltop?”, “is it the sensor or the battery?”\n"
        "- what was done: “work orders at Harbor”, “when was cell 7 of D02 replaced?”\n"
        "- actions, each with your approval: “ack the alarm on D03”, “change the temperature alarm at Harbor”, "
        "“log that a cell of D02 was replaced”, “undo that”\n"
        "- what is to come: “how long would D03 last without mains?”, “how warm will D04 be tomorrow?”, “is resistance "
        "creeping up on D06?”\n"
        "- meanings: “what does float current mean?”"
    ),
    "off_topic": (
        "That is outside what I can answer: I only know the batteries, their measurements and their condition. "
        "Ask me for example “how healthy is the fleet?”"
    ),
    "action_request": (
        "I cannot do that: I do not switch chargers or breakers, and change no readings. With your approval I acknowledge "
        "alerts, change the limits of alarms and write the maintenance log, for example “ack the alarm on D03”."
    ),
    "not_measured": (
        "That is not measured here, so I have no data on it. A reading holds voltages, currents, temperatures, "
        "charge, resistance, mains, charger and communication; ask “what do you measure?” for help."
    ),
    "language": (
        "I understand English only. Please ask in English, for example “what is the voltage of D03?”"
    ),
    "nonsense": "I do not understand that. Ask me for example “what is the string voltage of D03?”",
}  # fmt: skip
