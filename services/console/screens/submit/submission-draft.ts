import { formatLabelFilter } from '#schemas/label-filter.ts'
import type { Action } from '../../data/commands.ts'

/** What somebody is about to submit, as it is edited. */
export interface Draft {
  /** `plan`, `report`, `monitor`, or `template:NAME`. */
  readonly kind: string
  /** Of type `plan`: its text. */
  readonly plan: string
  readonly input: Readonly<Record<string, unknown>>
  /** `name=value`, one a line. */
  readonly labels: string
  readonly priority: string
  readonly key: string
}

export const PLAN_EXAMPLE = {
  steps: [
    { id: 'read', agent: 'ingest', input: { name: 'notes.md', text: '# May\nSales rose by 4 % in May.' } },
    {
      id: 'analyse',
      agent: 'analysis',
      needs: ['read'],
      input: { documents: [{ $from: 'steps.read.output' }] },
    },
  ],
}

export type Built = { readonly submission: Record<string, unknown> } | { readonly fault: string }

/** The submission that a draft is, or why it is none yet. Pure. */
export function submissionOf({ kind, plan, input, labels, priority, key }: Draft): Built {
  const found: Record<string, unknown> = {}
  if (kind === 'plan') {
    try {
      found.plan = JSON.parse(plan)
    } catch (error) {
      return { fault: `The plan is no JSON: ${(error as Error).message}` }
    }
    found.type = 'plan'
    if (Object.keys(input).length > 0) found.input = input
  } else if (kind.startsWith('template:')) {
    found.type = 'plan'
    found.template = kind.slice('template:'.length)
    found.input = input
  } else {
    found.type = kind
    found.input = input
  }
  const lines = labels
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const pairs = lines.map((line) => /^([^=]{1,64})=(.{0,256})$/.exec(line))
  const wrong = pairs.indexOf(null)
  if (wrong >= 0) return { fault: `Label ${wrong + 1} is not name=value: ${lines[wrong]}` }
  if (pairs.length > 0)
    found.labels = Object.fromEntries(pairs.map((pair) => [pair![1]!.trim(), pair![2]!.trim()]))
  if (priority !== '') found.priority = Number(priority)
  if (key !== '') found.idempotencyKey = key
  return { submission: found }
}

/** The command that submits the same: in words where they say all of it, else with the submission on its standard input. Pure. */
export function submitCommand(
  submission: Readonly<Record<string, unknown>>,
): Pick<Action, 'murmur' | 'murmurInput'> {
  const { type, input, labels = {}, idempotencyKey, ...more } = submission
  if (type === 'plan' || Object.keys(more).length > 0)
    return { murmur: ['submit', '-'], murmurInput: submission }
  const named = Object.entries(labels as Record<string, string>)
  return {
    murmur: [
      ...['submit', '--type', String(type), '--input', JSON.stringify(input)],
      ...named.flatMap(([name, value]) => ['--label', formatLabelFilter(name, value, '=')]),
      ...(idempotencyKey ? ['--key', String(idempotencyKey)] : []),
    ],
  }
}
