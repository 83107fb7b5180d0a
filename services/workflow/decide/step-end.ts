import type { JsonValue } from '#schemas/json.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'

/** How a run ended, for good. */
export type RunEnd =
  | { kind: 'done'; output: JsonValue; result?: StepResult | undefined }
  | { kind: 'failed'; error: TaskError; result?: StepResult | undefined }

/** What becomes of a step: of a kind of step that says nothing, it goes on. */
export type StepEnd =
  | { kind: 'completed'; output: JsonValue; viaFallback?: boolean; result?: StepResult | undefined }
  | { kind: 'failed'; error: TaskError; result?: StepResult | undefined }
  | { kind: 'skipped' }
