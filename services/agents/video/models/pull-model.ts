import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { storeModel } from './model-cache.ts'
import { type CatalogueModel, findInCatalogue, MODEL_CATALOGUE } from './model-catalogue.ts'

export interface PullOptions {
  /** The cache folder of the project. */
  home: string
  /** Bytes that have come so far. */
  onProgress?: (bytes: number, of: number) => void
  /** Until the server has answered, looking up its name included; for each redirection anew. Milliseconds. */
  connectTimeoutMs?: number
  signal?: AbortSignal
}

const CONNECT_TIMEOUT_MS = 10_000
/** Between two pieces. */
const STALL_TIMEOUT_MS = 20_000
const MAX_REDIRECTS = 5
/** Of an answer that is not the file; of a longer one the connection is closed. */
const PAGE_BYTES = 16 * 1024

/** @throws MurmurError MODEL_UNUSABLE when there is no model of this name */
export function modelNamed(name: string): CatalogueModel {
  const model = findInCatalogue(name)
  if (model) return model
  const names = MODEL_CATALOGUE.map((one) => one.name).join(', ')
  throw new MurmurError('MODEL_UNUSABLE', `there is no model "${name}" to fetch; there are ${names}`)
}

/**
 * Fetches a model from its release, checks size and checksum and puts it into the cache.
 * @returns its file
 * @throws MurmurError UNAVAILABLE when the site can't be reached, MODEL_UNUSABLE when something else came
 */
export async function pullModel(model: CatalogueModel, options: PullOptions): Promise<string> {
  const bytes = await download(model, options).catch((cause: unknown) => {
    if (cause instanceof MurmurError) throw cause
    throw new MurmurError('UNAVAILABLE', `${model.name} could not be fetched: ${reasonOf(cause)}`, { cause })
  })
  return storeModel(options.home, model, bytes)
}

/** Several addresses that refuse make an error without a text. */
function reasonOf(error: unknown): string {
  return messageOf(error) || String((error as { code?: unknown }).code)
}

async function download(model: CatalogueModel, options: PullOptions): Promise<Uint8Array> {
  const answer = await follow(model.url, options)
  const bytes = new Uint8Array(model.bytes)
  let filled = 0
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    if (filled + piece.length > model.bytes)
      throw new MurmurError('MODEL_UNUSABLE', `more than ${model.bytes} bytes came for ${model.name}`)
    bytes.set(piece, filled)
    filled += piece.length
    options.onProgress?.(filled, model.bytes)
  }
  return bytes.subarray(0, filled)
}

/** The body is read with the signal of the options; how long it may be silent is bounded for itself. */
async function ask(url: string, { connectTimeoutMs = CONNECT_TIMEOUT_MS, signal }: PullOptions) {
  const tooSlow = new AbortController()
  // undici's own limits begin when the name is known, or end before the connection stands.
  const timer = setTimeout(
    () => tooSlow.abort(new Error(`${new URL(url).host} did not answer within ${connectTimeoutMs} ms`)),
    connectTimeoutMs,
  )
  try {
    // A fifth of the start of every process that may have to download, and hardly any does.
    const { request } = await import('undici')
    return await request(url, {
      bodyTimeout: STALL_TIMEOUT_MS,
      signal: signal ? AbortSignal.any([signal, tooSlow.signal]) : tooSlow.signal,
    })
  } finally {
    clearTimeout(timer)
  }
}

/** Release pages send on to where the files lie. */
async function follow(url: string, options: PullOptions) {
  let at = url
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await ask(at, options)
    if (answer.statusCode === 200) return answer
    // Read to its end, not destroyed: that would be an error of the stream that nobody listens for.
    await answer.body.dump({ limit: PAGE_BYTES })
    const { location } = answer.headers
    if (answer.statusCode < 300 || answer.statusCode >= 400 || typeof location !== 'string')
      throw new Error(`${new URL(at).host} answers ${answer.statusCode}`)
    at = new URL(location, at).href
    if (!at.startsWith('https://') && !url.startsWith('http://'))
      throw new Error(`it sends on to ${at}, which is not safe`)
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirections`)
}
