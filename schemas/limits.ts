/**
 * Every size limit of the wire in one table. Bytes are UTF-8 bytes of the encoded JSON.
 * `docs/limits.md` repeats them for users; a test keeps both in step.
 */
export const LIMITS = {
  /** A submission, whole body. Larger inputs go to the object store and travel as references. */
  submissionBytes: 256 * 1024,
  /** Nesting of any JSON that comes in. JSON.parse survives 10,000 levels, recursive validators do not. */
  jsonDepth: 64,
  /** Steps in a plan. */
  planSteps: 256,
  /** Dependencies in a plan, all steps together. */
  planEdges: 4096,
  /** Items of one `forEach`. */
  forEachItems: 10_000,
  /** Signals that a task keeps for steps which do not wait yet, and their payloads together. */
  bufferedSignals: 64,
  bufferedSignalBytes: 64 * 1024,
  /** What somebody fills in and changes in an approval. It stays in the state of the task. */
  approvalAnswerBytes: 64 * 1024,
  /** Levels of child tasks below a task. */
  childDepth: 8,
  /** Outputs larger than this are put into the object store by the agent runner. */
  inlineOutputBytes: 16 * 1024,
  /** The result of a step, whole message. The same as a submission: agents put what is larger into the object store. */
  resultBytes: 256 * 1024,
  /** Results of several steps that travel as one message of the log: no more bytes than one result may have. */
  resultBatchBytes: 256 * 1024,
  /** Results in one such message: with more, what a message costs is little beside what its results cost. */
  resultBatchCount: 64,
  /** The state of one task as it is stored: as many outputs as a plan has steps, each as large as it may be inline. */
  stateBytes: 4 * 1024 * 1024 + 512 * 1024,
  /** All outputs of a task that stay inline, together: with more steps than 12, each may be smaller than the limit above. */
  inlineOutputsBytes: 192 * 1024,
  /** What a template (the input of a step, the output of a plan) may come to with all that its references bring in. */
  expandedBytes: 1024 * 1024,
  /** The same for all templates of a plan together. */
  expandedPlanBytes: 64 * 1024 * 1024,
  /** Inputs of a step larger than this are put into the object store by the dispatcher. */
  inlineInputBytes: 32 * 1024,
  /** One object in the object store (uploads, artefacts, big outputs). It is sent and fetched a piece at a time. */
  blobBytes: 4 * 1024 * 1024 * 1024,
  /** One object that is read or written as a whole, and so is in memory as a whole. */
  bufferedBlobBytes: 256 * 1024 * 1024,
  /** A task as it is answered: what does not fit stands in it as references to the object store. */
  answerBytes: 704 * 1024,
  /** A page of a list: it ends early when its entries have so many bytes. */
  pageBytes: 512 * 1024,
  /** The text of an expression of a plan, in UTF-16 code units. Longer ones belong into an agent, where they can be tested. */
  expressionChars: 1000,
  /** Nesting of an expression. */
  expressionDepth: 64,
  /** Nodes that one evaluation may visit: 10,000 elements with twenty nodes each, some ms. It runs between two events of a partition. */
  expressionSteps: 200_000,
  /** Elements of a list that a comprehension goes through or that an expression builds: the longest that is fanned out over. */
  expressionElements: 10_000,
  /** What an expression may come to, and any text that it builds: a submission could not be larger either. */
  expressionResultChars: 256 * 1024,
  /** A version of a plan template as it is stored. */
  templateBytes: 128 * 1024,
  /** Parameters of a plan template. */
  templateParameters: 64,
  /** Versions of plan templates that a tenant may have, all names together. */
  templateVersions: 1000,
  /** One chunk that a step emits while it runs: longer text is cut into several, a larger value is left out. */
  chunkBytes: 16 * 1024,
  /** Nesting of one chunk: every transport has to be able to tell it on, and gRPC counts three levels for each. */
  chunkDepth: 16,
  /** Chunks of a running step that its agent keeps for watchers who come late: the latest, in bytes of JSON. */
  chunkBufferBytes: 256 * 1024,
  /** The same, in chunks. */
  chunkBufferCount: 4096,
  /** What a step may emit in 50 ms; more of it is left out, and watchers are told how much. */
  chunkWindowBytes: 64 * 1024,
  /** Labels on a task. */
  labels: 16,
  /** What tasks are searched for. */
  searchChars: 200,
  /** Longest time a task may take, 30 days. */
  taskDeadlineMs: 30 * 24 * 3600 * 1000,
  /** The deadline of a task that has none, a century: a monitor that nobody gave an end. Milliseconds. */
  endlessTaskMs: 36_525 * 24 * 3600 * 1000,
  /** How long the link to a site may be cut without a task of its cameras failing for it, 2 hours. */
  siteCutMs: 2 * 3600 * 1000,
  /** Longest time one attempt of a step may take, 24 hours. */
  stepTimeoutMs: 24 * 3600 * 1000,
  /** The shortest and the longest time that submissions with one key are waited for. */
  debounceMinMs: 100,
  debounceMaxMs: 24 * 3600 * 1000,
  /** Keys of submissions of one tenant that are in use, or were in the last ten minutes. */
  submissionKeys: 10_000,
  /** Tasks that are being replaced under one key, at most: each waits for the one before. */
  replacedTasks: 16,
  /** Partitions that new tasks are spread over. */
  partitions: 256,
  /** Times whose partitions are worked on together: a key is looked for in each of them. */
  partitionEpochs: 4,
  /** Schedules of one tenant. */
  schedulesPerTenant: 1000,
  /** The definition of a schedule with what it submits: every orchestrator has all of them in memory. */
  scheduleBytes: 32 * 1024,
  /** Characters of a cron expression. */
  cronCharacters: 128,
  /** The shortest time between two runs of a schedule. */
  scheduleEveryMs: 1000,
  /** Runs that a schedule catches up on at once, at most. */
  scheduleCatchUpRuns: 100,
  /** The most that runs of a schedule are put off to spread them. */
  scheduleJitterMs: 3600 * 1000,
} as const

export const minutesMs = (minutes: number): number => minutes * 60_000

/** What holds where a submission is silent. Milliseconds. */
export const DEFAULTS = {
  taskDeadlineMs: 15 * 60 * 1000,
  stepTimeoutMs: 60 * 1000,
  retry: { maxAttempts: 3, initialDelayMs: 200, maxDelayMs: 30_000, factor: 2 },
} as const
