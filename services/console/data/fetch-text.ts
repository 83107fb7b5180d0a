import { problemOf, toProblemError } from './problem.ts'

/**
 * The text of an object of the edge.
 * @throws ProblemError for anything that is no success
 */
export async function fetchText(path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, { signal }).catch((fault: unknown) => {
    throw toProblemError(fault)
  })
  if (!response.ok) throw problemOf(await response.json().catch(() => undefined), response.status)
  return response.text()
}
