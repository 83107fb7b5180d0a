import createClient from 'openapi-fetch'
import type { paths } from './api-schema.ts'
import { connection } from './connection.ts'
import { problemOf, toProblemError } from './problem.ts'

/** Called when an answer says that nobody is signed in any more. */
let onSignedOut: () => void = () => {}
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

async function observedFetch(request: Request): Promise<Response> {
  try {
    const response = await fetch(request)
    connection.heard(true)
    if (response.status === 401 && !request.url.endsWith('/v1/session')) onSignedOut()
    return response
  } catch (error) {
    if (!request.signal.aborted) connection.heard(false)
    throw error
  }
}

/** The API, typed by its own document: `ask(api.GET('/v1/tasks', { params: { query: { limit: 50 } } }))`. */
export const api = createClient<paths>({ baseUrl: '/', fetch: observedFetch })

type Answer<Data> = { data?: Data; error?: unknown; response: Response }

/** What was answered. @throws ProblemError for anything that is no success, and where nothing was */
export async function ask<Data>(asking: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await asking.catch((fault: unknown) => {
    throw toProblemError(fault)
  })
  if (!response.ok) throw problemOf(error, response.status)
  return data as NonNullable<Data>
}

/** The same for what is not in the document. @throws ProblemError */
export async function askPath<Data>(path: string, init: RequestInit = {}): Promise<Data> {
  const request = new Request(new URL(path, location.origin), init)
  const response = await observedFetch(request).catch((fault: unknown) => {
    throw toProblemError(fault)
  })
  const body: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined)
  if (!response.ok) throw problemOf(body, response.status)
  return body as Data
}

/** Bytes, of a picture for instance, and what is said of them. @throws ProblemError */
export async function askBytes(
  path: string,
  signal: AbortSignal,
): Promise<{ bytes: Blob; headers: Headers }> {
  const request = new Request(new URL(path, location.origin), { signal })
  const response = await observedFetch(request).catch((fault: unknown) => {
    throw toProblemError(fault)
  })
  if (!response.ok) throw problemOf(await response.json().catch(() => undefined), response.status)
  return { bytes: await response.blob(), headers: response.headers }
}
