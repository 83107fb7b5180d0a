import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Environment } from './read-config.ts'
import { SERVICE_VARIABLES } from './service-config.ts'

/** In `.murmur` of a project of one's own: names the home of the stack that its agents run against. */
export const STACK_HOME_FILE = 'stack-home'

/** A stack on this machine, whether it runs or not: where it is reached changes with each of its starts. */
export interface LocalStack {
  /** The note that it leaves about itself while it runs. */
  readonly noteFile: string
  /** Where its NATS is now, with who an agent is there; undefined while no stack runs. */
  natsUrl(): string | undefined
}

const noteSchema = z.object({ agentUrl: SERVICE_VARIABLES.natsUrl.schema })

/**
 * The stack on this machine that an agent without an address belongs to: of the home that MURMUR_HOME names, else of the folder
 * `.murmur` where the agent runs, or of the home that a file in it names. Undefined when MURMUR_NATS_URL says where to go,
 * and when nothing names a home.
 */
export function findLocalStack(
  env: Environment = process.env,
  folder: string = process.cwd(),
): LocalStack | undefined {
  if (env[SERVICE_VARIABLES.natsUrl.name]?.trim()) return undefined
  const named = env[SERVICE_VARIABLES.home.name]?.trim()
  const home = named ? resolve(folder, named) : homeBeside(folder)
  if (home === undefined) return undefined
  const noteFile = join(home, 'run', 'stack.json')
  return { noteFile, natsUrl: () => readAgentUrl(noteFile) }
}

/**
 * Where an agent goes now: the stack of this machine where there is one, with the way to ask again; else what is named.
 * For further connections of an agent that has one already.
 */
export function natsOfAgent(named: string): { url: string; currentUrl?: () => string | undefined } {
  const stack = findLocalStack()
  return stack ? { url: stack.natsUrl() ?? named, currentUrl: () => stack.natsUrl() } : { url: named }
}

function homeBeside(folder: string): string | undefined {
  const own = join(folder, '.murmur')
  if (!existsSync(own)) return undefined
  try {
    const named = readFileSync(join(own, STACK_HOME_FILE), 'utf8').trim()
    return named ? resolve(folder, named) : own
  } catch {
    // None is named: it is the checkout itself.
    return own
  }
}

function readAgentUrl(noteFile: string): string | undefined {
  try {
    return noteSchema.safeParse(JSON.parse(readFileSync(noteFile, 'utf8'))).data?.agentUrl
  } catch {
    // There is none just now, or it is being written.
    return undefined
  }
}
