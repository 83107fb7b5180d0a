import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type WatchRulesFile, watchRulesSchema } from '#schemas/monitor-request.ts'
import { CliError } from '../cli-error.ts'
import { parseJsonInput } from '../commands/arguments.ts'
import { formatBytes } from '../output/quantities.ts'
import { checkedInput } from './checked-input.ts'

const EXAMPLE_FIX = 'examples/monitor/rules.json shows one; docs/tracking.md explains it.'
const SCENE_FIX = "A scene's rules by themselves: npx murmur scene rules NAME > rules.json"

/**
 * A `--rules` file.
 * @throws CliError FILE_UNREADABLE; USAGE with every fault; MurmurError JSON_TOO_DEEP
 */
export function readRules(file: string, folder: string): WatchRulesFile {
  let bytes: Buffer
  try {
    bytes = readFileSync(resolve(folder, file))
  } catch (cause) {
    throw new CliError('FILE_UNREADABLE', `${file}: ${plainReason(cause)}`, { cause, fix: EXAMPLE_FIX })
  }
  if (bytes.length > LIMITS.submissionBytes) {
    throw new CliError(
      'USAGE',
      `${file} has ${formatBytes(bytes.length)}: zones, lines and rules have at most ${formatBytes(LIMITS.submissionBytes)}`,
      { fix: `${EXAMPLE_FIX}\n${SCENE_FIX}` },
    )
  }
  const json = parseJsonInput(bytes, file, `Correct the JSON; ${EXAMPLE_FIX}`)
  if (isSceneTruth(json)) {
    throw new CliError('USAGE', `${file} is the truth of a scene, not zones, lines and rules`, {
      fix: SCENE_FIX,
    })
  }
  return checkedInput(watchRulesSchema, json, file)
}

/** It holds all that a rules file has, and much more: easily mistaken for one. */
function isSceneTruth(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'schema' in json && 'frames' in json
}

function plainReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'is a folder' : messageOf(error)
}
