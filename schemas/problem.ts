import { z } from 'zod'

/**
 * The error catalogue: every code a client can see, the HTTP status it maps to and how to mend it.
 * Codes are stable: they are never renamed or reused. `docs/errors.md` lists them; a test keeps both in step.
 */
export const ERRORS = {
  MALFORMED_JSON: { status: 400, fix: 'Send one JSON object encoded as UTF-8.' },
  JSON_TOO_DEEP: { status: 400, fix: 'Flatten the document: at most 64 levels of nesting are read.' },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    fix: 'Put large data into the object store and send a reference to it; split what that does not take, or give it more room.',
  },
  INVALID_SUBMISSION: {
    status: 400,
    fix: 'Correct the fields that are named; docs/tasks.md shows each of them.',
  },
  INVALID_REQUEST: { status: 400, fix: 'Correct the fields that are named.' },
  NOT_FOUND: { status: 404, fix: 'Check the path; docs/API.md has all of them.' },
  METHOD_NOT_ALLOWED: { status: 405, fix: 'Use a method that the header Allow names.' },
  FORBIDDEN: {
    status: 403,
    fix: 'Ask from this machine, by its own name, and not from a page in a browser.',
  },
  UNAUTHENTICATED: {
    status: 401,
    fix: 'Send an API key or a token that is valid now; `murmur keys create` makes a key.',
  },
  PERMISSION_DENIED: {
    status: 403,
    fix: 'Use a credential with the scope that is named; `murmur keys create --scope` gives it to a new key.',
  },
  RATE_LIMITED: { status: 429, fix: 'Send less, or try again after the time given in retryAfterMs.' },
  QUOTA_EXCEEDED: {
    status: 429,
    fix: 'The message names the quota: wait until some of it has ended or close it, or have it raised; retryAfterMs says when to look again.',
  },
  KEY_NOT_FOUND: { status: 404, fix: 'Check the id; `murmur keys list` shows those that there are.' },
  KEY_STATE_CONFLICT: {
    status: 409,
    fix: 'Rotate the key that took its place, or make a new one: `murmur keys list` shows what holds.',
  },
  UNKNOWN_TASK_TYPE: {
    status: 400,
    fix: 'Use a task type that is listed, or type "plan" with a plan of your own.',
  },
  UNKNOWN_AGENT: {
    status: 400,
    fix: 'Start an agent of that type first; `murmur agents` lists those that are known.',
  },
  INSTANCE_NOT_FOUND: {
    status: 404,
    fix: 'Check the name: `murmur agents` lists the instances that live, and those that are drained.',
  },
  DRAIN_UNSUPPORTED: {
    status: 409,
    fix: 'Stop the instance instead (SIGTERM): it takes nothing more then; or start it with a kit that knows orders to drain (docs/agent-protocol.md).',
  },
  PLAN_CYCLE: { status: 400, fix: 'Remove one of the dependencies that close the cycle.' },
  PLAN_TOO_LARGE: { status: 400, fix: 'Split the plan into several tasks.' },
  PLAN_DUPLICATE_STEP: { status: 400, fix: 'Give every step of a plan an id of its own.' },
  PLAN_UNKNOWN_DEPENDENCY: { status: 400, fix: 'Name only steps of the same plan under "needs".' },
  PLAN_BAD_REFERENCE: {
    status: 400,
    fix: 'Refer to "input…" or to "steps.<id>.output…" of a step listed under "needs".',
  },
  EXPRESSION_INVALID: {
    status: 400,
    fix: 'Correct the expression where the message says; docs/expressions.md has the language and what can be read where.',
  },
  EXPRESSION_FAILED: {
    status: 422,
    fix: 'Test what may be absent with has(…), or have the step that is read return what the expression expects.',
  },
  PLAN_INVALID: {
    status: 400,
    fix: 'Correct the step that is named; docs/plans.md shows each kind of step.',
  },
  IDEMPOTENCY_CONFLICT: { status: 409, fix: 'Use a new idempotency key for a different submission.' },
  SINGLETON_CONFLICT: {
    status: 409,
    fix: 'Wait until the task that is named has ended, or say with singleton.onConflict what is to happen: "return-existing" or "replace".',
  },
  TASK_NOT_FOUND: { status: 404, fix: 'Check the id; finished tasks are kept for a limited time.' },
  TASK_NOT_FINISHED: { status: 409, fix: 'Watch the task, or ask again when it has ended.' },
  TASK_FAILED: {
    status: 409,
    fix: 'The task has no result: its error says why. Mend the cause, then retry the task or submit again.',
  },
  TASK_ALREADY_FINISHED: { status: 409, fix: 'Nothing to do: the task is in a final state.' },
  TASK_STATE_CONFLICT: {
    status: 409,
    fix: 'Look at the task again: it has changed since, or is in a state in which this has no meaning.',
  },
  APPROVAL_NOT_OPEN: {
    status: 409,
    fix: 'List what is open with `murmur inbox`: somebody has decided, its time was up, or it is asked anew as another attempt.',
  },
  DEAD_LETTER_NOT_FOUND: {
    status: 404,
    fix: 'Check the number; `murmur dlq` lists those that are kept, for 30 days at most.',
  },
  TEMPLATE_NOT_FOUND: {
    status: 404,
    fix: 'Check the name and the version; `murmur templates list` shows those that there are.',
  },
  TEMPLATE_CONFLICT: {
    status: 409,
    fix: 'Somebody has written a version meanwhile: look at the newest one, and put yours as the next.',
  },
  INVALID_SCHEDULE: {
    status: 400,
    fix: 'Correct the field that is named; `murmur schedules next` tries a cron in a time zone, docs/schedules.md explains both.',
  },
  SCHEDULE_NOT_FOUND: { status: 404, fix: 'Check the name; `murmur schedules` lists those that there are.' },
  PARTITIONS_CONFLICT: {
    status: 409,
    fix: 'Look at `murmur partitions`: bring all orchestrators to this release, or wait until the last change holds, then ask again.',
  },
  LOCK_HELD: {
    status: 409,
    fix: 'Wait longer for it, or come back later: whoever has it gives it back or falls silent.',
  },
  LOCK_LOST: {
    status: 409,
    fix: 'Stop what the lock was needed for, and acquire it again; writes with its token are refused once somebody else has had it.',
  },
  ALERT_NOT_FOUND: { status: 404, fix: 'Check the id; the newest 10,000 alerts of 30 days are kept.' },
  RECORDING_NOT_FOUND: {
    status: 404,
    fix: 'Look at `murmur recordings`: whether the camera is recorded, since when, and why it may not be.',
  },
  FALSE_POSITIVE_NOT_FOUND: {
    status: 404,
    fix: 'Check the id: murmur alerts false-positives lists them.',
  },
  ALERT_STATE_CONFLICT: {
    status: 409,
    fix: 'Look at the alert again: what is open can be acknowledged or resolved, what is acknowledged only resolved.',
  },
  REVIEW_NOT_FOUND: {
    status: 404,
    fix: 'Check the id; review items are kept for 30 days, the newest 10,000.',
  },
  SNOOZE_NOT_FOUND: {
    status: 404,
    fix: 'Check the id; `murmur snooze list --ended` shows those that there are.',
  },
  BOOKMARK_NOT_FOUND: {
    status: 404,
    fix: 'Check the id: `murmur bookmarks` lists them. They are kept for 30 days.',
  },
  LINK_INVALID: {
    status: 403,
    fix: 'Open the alert from a newer message, or ask for it with a credential: links hold for MURMUR_LINK_DAYS.',
  },
  OVERLOADED: { status: 429, fix: 'Try again after the time given in retryAfterMs.' },
  UNAVAILABLE: {
    status: 503,
    fix: 'Try again; if it stays so, `murmur doctor` shows which server is missing.',
  },
  INTERNAL: {
    status: 500,
    fix: 'This is a fault of the service; its log has the details under the same request.',
  },
  STEP_TIMEOUT: { status: 504, fix: 'Give the step a longer timeoutMs, or the agent more instances.' },
  QUEUE_TIMEOUT: {
    status: 504,
    fix: 'Start more instances of the agent, or give the step a longer queueTimeoutMs.',
  },
  AGENT_CRASHED: {
    status: 500,
    fix: "The process that ran the step ended under it; look at the agent's log of that moment.",
  },
  DELIVERIES_EXHAUSTED: {
    status: 500,
    fix: 'Instances took the step again and again and none answered; look at the log of the agent.',
  },
  INVALID_OUTCOME: {
    status: 500,
    fix: "The agent's answer is not one that the protocol knows; the message names what was wrong (docs/agent-protocol.md).",
  },
  DISPATCH_FAILED: {
    status: 500,
    fix: 'The step could not be handed to its queue; the message says why.',
  },
  TASK_QUARANTINED: {
    status: 500,
    fix: 'The orchestrator could not go on with this task; the message says why, its log has the details.',
  },
  EXPANSION_TOO_LARGE: {
    status: 400,
    fix: 'Refer less often to large values, or put them into the object store and refer to the objects.',
  },
  SLEEP_INVALID: {
    status: 422,
    fix: 'Let "until" of the step come to Unix milliseconds, or to a date and time with a zone: 2031-05-01T08:00:00Z.',
  },
  SIGNAL_TIMEOUT: {
    status: 504,
    fix: 'Send the signal earlier (`murmur signal`), give the step a longer timeoutMs, or let it go on: onTimeout "continue".',
  },
  APPROVAL_TIMEOUT: {
    status: 504,
    fix: 'Answer earlier (`murmur inbox`), give the step a longer timeoutMs or an escalation, or say with onTimeout what holds then.',
  },
  APPROVAL_REJECTED: {
    status: 409,
    fix: 'The message says who rejected it and why; submit again with what was missing.',
  },
  ITEMS_INVALID: {
    status: 422,
    fix: 'Let "items" of the step come to a list; the message says what it came to.',
  },
  REPEAT_EXHAUSTED: {
    status: 422,
    fix: 'Give the loop more iterations or a longer delay, or correct its condition.',
  },
  STEP_FAILED: { status: 500, fix: 'Look at the error of the step that is named.' },
  DEADLINE_EXCEEDED: { status: 504, fix: 'Give the task a longer deadlineMs.' },
  ATTEMPTS_EXHAUSTED: { status: 500, fix: 'The last error is given; mend its cause, then submit again.' },
  CANCELLED: { status: 409, fix: 'Submit again if it was cancelled by mistake.' },
  DEPENDENCY_FAILED: { status: 500, fix: 'Look at the error of the step it depends on.' },
  POISON_MESSAGE: {
    status: 500,
    fix: 'The step crashed its agent at every attempt; its message is kept under dead.<agent>, `murmur dlq` shows it.',
  },
  INVALID_STEP_INPUT: { status: 400, fix: 'Send the fields that the agent expects; the message names them.' },
  INVALID_STEP_OUTPUT: {
    status: 500,
    fix: "The agent broke its own output schema: this is a fault in the agent's code.",
  },
  OUTPUT_TOO_LARGE: { status: 500, fix: 'Return a reference to a blob instead of the data.' },
  BLOB_NOT_FOUND: { status: 404, fix: 'Upload the object again; objects are kept for a limited time.' },
  OBJECT_IN_USE: {
    status: 409,
    fix: 'Wait until the task that is named has ended, or cancel it: until then it needs the object.',
  },
  BLOB_CORRUPT: { status: 500, fix: 'Upload the object again: its checksum does not match.' },
  UNSUPPORTED_FORMAT: { status: 415, fix: 'Send one of the formats that are listed.' },
  BROKEN_FILE: { status: 422, fix: 'Check the file with the program that wrote it, then send it again.' },
  LIMIT_EXCEEDED: { status: 422, fix: 'Stay below the limit that is named.' },
  ADDRESS_FORBIDDEN: { status: 403, fix: 'Call a public address, or allow this one in the configuration.' },
  SECRET_NOT_GRANTED: {
    status: 403,
    fix: 'Have the operator grant the secret for this tenant and address (MURMUR_SECRETS_ALLOW, MURMUR_CAMERA_SECRETS), or name another.',
  },
  CREDENTIALS_INLINE: {
    status: 400,
    fix: 'Name a secret in place of user and password, rtsp://{cam-1}@host/path, or have the operator set MURMUR_SEAL_KEYS.',
  },
  PAYLOAD_KEY_MISSING: {
    status: 503,
    fix: 'Have the operator put the key that is named into the file of MURMUR_PAYLOAD_KEYS of this process: it goes on by itself within seconds, and nothing is lost.',
  },
  PAYLOAD_UNREADABLE: {
    status: 500,
    fix: 'Somebody has changed or moved what is stored: restore it from a backup, or submit the task again.',
  },
  MODEL_UNUSABLE: {
    status: 500,
    fix: 'Use a model that is listed by `murmur models list`, or say with a manifest beside the file what it is.',
  },
  CREDENTIALS_REFUSED: {
    status: 502,
    fix: 'Correct the user and password of the camera, or the secret that its address names: docs/capture.md.',
  },
  MODEL_MISSING: {
    status: 503,
    fix: 'Get a model for real video: `murmur models pull yolox-nano` where there is internet, for the machine that detects (MURMUR_MODEL_PULL=yes lets detectors fetch it themselves); or put the file in place as <MURMUR_HOME>/models/yolox-nano.onnx; or give detectors a model of your own: MURMUR_MODEL=FILE.onnx. `--model starter` tries things out on drawn pictures only.',
  },
  SOURCE_UNAVAILABLE: {
    status: 503,
    fix: 'Check that the camera or the stream is on and can be reached from the machine that captures.',
  },
  CIRCUIT_OPEN: {
    status: 503,
    fix: 'The endpoint failed repeatedly; it is tried again after the time given.',
  },
  UPSTREAM_ERROR: { status: 502, fix: 'The called service answered with an error; see the status given.' },
  UPSTREAM_TIMEOUT: {
    status: 504,
    fix: 'The called service did not answer in time; give it longer or check it.',
  },
  CONFIG_INVALID: { status: 500, fix: 'Correct the settings that are named, then start again.' },
  REDIS_EVICTS: {
    status: 500,
    fix: 'Set maxmemory-policy to noeviction in the configuration of Redis (or maxmemory to 0), then start again.',
  },
  SERVER_TOO_OLD: { status: 500, fix: 'Install the version that is named, or newer.' },
  STREAM_MISMATCH: {
    status: 500,
    fix: 'The server has a stream of this name with other settings; remove or migrate it.',
  },
} as const

export type ErrorCode = keyof typeof ERRORS
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[]

/** An error inside a task: what a step or a task ended with. `code` is open: agents may have their own. */
export const taskErrorSchema = z.object({
  code: z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/),
  message: z.string().max(4000),
  /** The step it came from, on errors of a task. */
  stepId: z.string().optional(),
})
export type TaskError = z.infer<typeof taskErrorSchema>

/** What a transport answers when it refuses something. */
export const problemSchema = z.object({
  code: z.enum(ERROR_CODES as [ErrorCode, ...ErrorCode[]]),
  status: z.int(),
  /** What was wrong. */
  message: z.string(),
  /** How to mend it. */
  fix: z.string(),
  /** Where in the body, one entry a fault. */
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  retryAfterMs: z.int().optional(),
  /** The task that is in the way. */
  taskId: z.string().optional(),
  /** Of the trace that the request belongs to, where it has one: 32 hex digits. */
  traceId: z.string().optional(),
})
export type Problem = z.infer<typeof problemSchema>
