"""How much one turn may take before it is stopped with a plain sentence."""

# A question needs one model call to plan and one to answer; a chat model may look twice or three times.
MODEL_CALLS = 8
TOOL_CALLS = 12
# Graph steps: every model and tool call is one, middleware adds some.
RECURSION_LIMIT = 60
TURN_SECONDS = 120.0
# A chat model that is still at it by then leaves the rest of the turn to the embedded brain.
CHAT_SECONDS = 100.0
LONGEST_MESSAGE = 4000
TOOL_THREADS = 8
