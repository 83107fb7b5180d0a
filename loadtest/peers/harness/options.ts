import { parseArgs } from 'node:util'

/** What `npm run bench:peers` is asked to do. */
export interface PeersOptions {
  /** Names, in the order of all. */
  only: readonly string[]
  /** Tasks under way at any time, saturated. */
  tasks: number
  /** For which each of the two loads lasts. */
  seconds: number
  /** After which a recovery counts as none. */
  recoverySeconds: number
  /** Kept in loadtest/results. */
  isRecorded: boolean
  json?: string
  isInstallOnly: boolean
}

export const PEERS_USAGE = `npm run bench:peers -- [options]

  --only NAMES             of the peers these, with commas between
  --tasks N                tasks under way while it is saturated (500)
  --seconds N              how long each load lasts (10)
  --recovery-seconds N     how long a recovery is waited for (90)
  --install                gets what peers need, and measures nothing
  --json FILE              keeps the result
  --record                 keeps the result in loadtest/results, for npm run docs`

const MAX_TASKS = 5000
const MAX_SECONDS = 120

/**
 * Reads the arguments. Pure.
 * @param known names of all peers
 * @throws Error for an option that is unknown or out of bounds
 */
export function parsePeersOptions(argv: readonly string[], known: readonly string[]): PeersOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      tasks: { type: 'string', default: '500' },
      seconds: { type: 'string', default: '10' },
      'recovery-seconds': { type: 'string', default: '90' },
      install: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  })
  const asked = values.only?.split(',') ?? known
  const unknown = asked.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--only: "${unknown}" is none of ${known.join(', ')}`)
  return {
    only: known.filter((name) => asked.includes(name)),
    tasks: whole('tasks', values.tasks, MAX_TASKS),
    seconds: whole('seconds', values.seconds, MAX_SECONDS),
    recoverySeconds: whole('recovery-seconds', values['recovery-seconds'], MAX_SECONDS),
    isInstallOnly: values.install,
    isRecorded: values.record,
    ...(values.json !== undefined && { json: values.json }),
  }
}

function whole(option: string, text: string, max: number): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1 || value > max)
    throw new Error(`--${option}: a whole number from 1 to ${max}, not "${text}"`)
  return value
}
