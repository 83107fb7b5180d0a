import { AGENT_MUTANTS } from './list/agents.ts'
import { CHUNK_MUTANTS } from './list/chunks.ts'
import { DECIDE_MUTANTS } from './list/decide.ts'
import { EVIDENCE_MUTANTS } from './list/evidence.ts'
import { EXPRESSION_MUTANTS } from './list/expressions.ts'
import { INTAKE_MUTANTS } from './list/intake.ts'
import { KIND_MUTANTS } from './list/kinds.ts'
import { PARTITION_MUTANTS } from './list/partition.ts'
import { SCHEDULE_MUTANTS } from './list/schedules.ts'
import { SUBMISSION_KEY_MUTANTS } from './list/submission-keys.ts'
import { TEMPLATE_MUTANTS } from './list/templates.ts'
import { TRANSITION_MUTANTS } from './list/transitions.ts'
import { WIRE_MUTANTS } from './list/wire.ts'
import type { Mutant } from './mutant.ts'

/** Lines that must not be wrong without a test that notices. How one is added: docs/testing.md. */
export const MUTANTS: readonly Mutant[] = [
  ...DECIDE_MUTANTS,
  ...TRANSITION_MUTANTS,
  ...KIND_MUTANTS,
  ...EVIDENCE_MUTANTS,
  ...PARTITION_MUTANTS,
  ...EXPRESSION_MUTANTS,
  ...SCHEDULE_MUTANTS,
  ...SUBMISSION_KEY_MUTANTS,
  ...INTAKE_MUTANTS,
  ...WIRE_MUTANTS,
  ...AGENT_MUTANTS,
  ...CHUNK_MUTANTS,
  ...TEMPLATE_MUTANTS,
]
