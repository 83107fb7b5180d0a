import { MurmurError } from '#platform/errors/murmur-error.ts'

/**
 * Those of the agents of a process that it was asked to run (`MURMUR_AGENTS`), in their order; all of them when nobody asked.
 * @throws MurmurError CONFIG_INVALID for names that the process does not have: they would never be served
 */
export function chosenAgents<Name extends string>(
  all: readonly Name[],
  asked: readonly string[] | undefined,
): Name[] {
  if (asked === undefined) return [...all]
  const unknown = asked.filter((name) => !(all as readonly string[]).includes(name))
  if (unknown.length > 0) {
    const message = `names ${unknown.join(', ')}; this process has ${all.join(', ')}`
    throw new MurmurError('CONFIG_INVALID', `MURMUR_AGENTS ${message}`, {
      issues: [{ path: 'MURMUR_AGENTS', message }],
    })
  }
  return all.filter((name) => asked.includes(name))
}
