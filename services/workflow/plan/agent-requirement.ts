import { MurmurError } from '#platform/errors/murmur-error.ts'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { parseVersion } from './semantic-version.ts'
import { ANY_VERSION, isInRange, parseRange, type VersionRange } from './version-range.ts'

/** Which instances a step may go to: of this type, of a version in this range. */
export interface AgentRequirement {
  readonly type: string
  readonly range: VersionRange
}

/** What is asked of an instance beside its type. */
export interface InstanceRequirement {
  readonly range: VersionRange
  /** Capabilities that it must have, all of them: `["gpu"]`. */
  readonly needs?: readonly string[]
}

/**
 * `analysis`, `analysis@^2`, `analysis@>=1.4 <2`. Pure.
 * @throws MurmurError INVALID_SUBMISSION
 */
export function parseAgentRequirement(text: string): AgentRequirement {
  const at = text.indexOf('@')
  const type = at === -1 ? text : text.slice(0, at)
  if (!TOKEN_PATTERN.test(type))
    throw new MurmurError(
      'INVALID_SUBMISSION',
      `"${text.slice(0, 100)}" names no agent: a type is 1 to 64 characters of A-Z a-z 0-9 _ -`,
    )
  if (at === -1) return { type, range: ANY_VERSION }
  const range = parseRange(text.slice(at + 1))
  if (range) return { type, range }
  throw new MurmurError(
    'INVALID_SUBMISSION',
    `"${text.slice(0, 200)}": after "@" comes a range of versions, such as ^2, ~1.4, 1.x or >=1.4 <2`,
  )
}

/**
 * The plan with types of agents where types and ranges stood, and the ranges beside them: whoever reads `agent` reads a type. Pure.
 * @throws MurmurError INVALID_SUBMISSION for a range that is none
 */
export function splitAgents<Of extends Plan>(plan: Of): Of {
  if (plan.steps.every(({ agent, version }) => version === undefined && !agent?.includes('@'))) return plan
  return { ...plan, steps: plan.steps.map(splitAgent) }
}

function splitAgent(step: Step): Step {
  const { agent, version } = step
  if (agent === undefined) return step
  const at = agent.indexOf('@')
  if (at !== -1 && version !== undefined)
    throw new MurmurError(
      'INVALID_SUBMISSION',
      `step "${step.id}" names versions twice: in "${agent}" and as "${version}"`,
    )
  const text = at === -1 ? version : agent.slice(at + 1)
  if (text === undefined) return step
  const { type, range } = parseAgentRequirement(`${at === -1 ? agent : agent.slice(0, at)}@${text}`)
  return { ...step, agent: type, version: range.text }
}

/** What asks something of an instance: a step, or a run of one. */
interface Asking {
  readonly version?: string | undefined
  readonly requires?: readonly string[] | undefined
}

/** What a step of a plan asks of an instance; undefined: nothing beside its type. Pure. */
export function requirementOf({ version, requires = [] }: Asking): InstanceRequirement | undefined {
  if (version === undefined && requires.length === 0) return undefined
  const range = version === undefined ? ANY_VERSION : parseRange(version)
  // A plan whose ranges are none is not accepted; what can't be read is met by nobody.
  return { range: range ?? NO_VERSION, ...(requires.length > 0 && { needs: requires }) }
}

/** The same, for people: `of version ^2 with gpu`; empty for one that asks nothing. Pure. */
export function requirementText({ version, requires = [] }: Asking): string {
  const parts = [
    ...(version === undefined ? [] : [`of version ${version}`]),
    ...(requires.length === 0 ? [] : [`with ${requires.join(', ')}`]),
  ]
  return parts.join(' ')
}

/** Kinds of instances that are warned of. */
const MAX_UNMET = 20

/** Steps whose requirements no instance meets now, as sentences for people. Pure. */
export function unmetRequirements(
  { steps }: Plan,
  instances: readonly { type: string; version: string; capabilities?: readonly string[] | undefined }[],
): string[] {
  return steps
    .filter((step) => {
      const asked = requirementOf(step)
      return asked && !instances.some((one) => one.type === step.agent && meetsRequirement(one, asked))
    })
    .slice(0, MAX_UNMET)
    .map((step) => {
      const of = instances.filter(({ type }) => type === step.agent)
      const there = [...new Set(of.map(({ version }) => version))].slice(0, 8).join(', ')
      const now = of.length === 0 ? 'none of that type lives' : `there are instances of version ${there}`
      return `step "${step.id}" waits for an instance of ${step.agent} ${requirementText(step)}: ${now}`
    })
}

const NO_VERSION: VersionRange = { text: 'none', alternatives: [] }

/**
 * Whether an instance is one that is asked for. Where any version will do, it need not have one that can be read. Pure.
 */
export function meetsRequirement(
  instance: { readonly version: string; readonly capabilities?: readonly string[] | undefined },
  { range, needs = [] }: InstanceRequirement,
): boolean {
  if (!needs.every((need) => instance.capabilities?.includes(need))) return false
  if (range === ANY_VERSION || range.text === '*') return true
  const version = parseVersion(instance.version)
  return version !== undefined && isInRange(version, range)
}
