import { AwsClient } from 'aws4fetch'
import { Parser } from 'htmlparser2'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import { assertKey, type ByteRange, type FileStore, type StoredFile } from './file-store.ts'

export interface S3StoreOptions {
  /** `https://s3.eu-central-1.amazonaws.com`, `http://minio:9000`. */
  endpoint: string
  region: string
  bucket: string
  /** What all keys begin with; empty, or with a `/` at its end. */
  prefix: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
}

/** A segment of 16 MiB over a slow line. Milliseconds. */
const TIMEOUT_MS = 60_000
const PAGE = 1000
/** A page of a thousand keys. */
const LIST_BYTES = 4 * 1024 * 1024
const MAX_REPORTED = 200

/**
 * Files in a bucket of an S3-compatible object store. It has to know `If-None-Match: *` of PutObject (AWS since August 2024, MinIO, Ceph,
 * R2, versitygw …): `assertExclusive` finds out.
 */
export class S3Store implements FileStore {
  readonly #client: AwsClient
  readonly #options: S3StoreOptions
  readonly #root: string

  constructor(options: S3StoreOptions) {
    const { endpoint, bucket, region, accessKeyId, secretAccessKey, sessionToken } = options
    this.#options = options
    this.#root = `${endpoint.replace(/\/+$/, '')}/${bucket}`
    this.#client = new AwsClient({
      ...{ accessKeyId, secretAccessKey, region, service: 's3', retries: 2, initRetryMs: 200 },
      ...(sessionToken !== undefined && { sessionToken }),
    })
  }

  get place(): string {
    return `s3://${this.#options.bucket}/${this.#options.prefix}`
  }

  /** @throws MurmurError UNAVAILABLE when the store overwrites what must not be: two writers could spoil each other's work */
  async assertExclusive(): Promise<void> {
    const key = 'probe/exclusive-create'
    await this.create(key, Buffer.from('{}'))
    if (await this.create(key, Buffer.from('{}')))
      throw new MurmurError(
        'UNAVAILABLE',
        `${this.place}: the store does not know "If-None-Match: *" of PutObject, without which two writers could overwrite each other`,
      )
  }

  async room(): Promise<undefined> {
    return undefined
  }

  async list(
    prefix: string,
    { after, count = Number.POSITIVE_INFINITY }: { after?: string | undefined; count?: number } = {},
  ): Promise<StoredFile[]> {
    const files: StoredFile[] = []
    let token: string | undefined
    do {
      const query = new URLSearchParams({
        'list-type': '2',
        'max-keys': String(Math.min(PAGE, count - files.length)),
        prefix: this.#options.prefix + prefix,
        ...(after !== undefined && { 'start-after': this.#options.prefix + after }),
        ...(token !== undefined && { 'continuation-token': token }),
      })
      const response = await this.#ask('GET', `?${query}`)
      await this.#assertOk(response, `the files below ${prefix}`)
      const page = parseListing(await boundedText(response))
      for (const { key, ...facts } of page.files)
        files.push({ key: key.slice(this.#options.prefix.length), ...facts })
      token = page.next
    } while (token !== undefined && files.length < count)
    return files
  }

  async read(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const headers: Record<string, string> = {}
    if (range) headers.range = `bytes=${range.from}-${range.from + range.bytes - 1}`
    const response = await this.#ask('GET', this.#pathOf(key), { headers })
    if (response.status === 404) {
      await response.body?.cancel()
      return undefined
    }
    await this.#assertOk(response, key)
    const bytes = new Uint8Array(await this.#body(response, key))
    // A store that does not know ranges sends all of it.
    return range && response.status === 200 ? bytes.subarray(range.from, range.from + range.bytes) : bytes
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    const response = await this.#ask('PUT', this.#pathOf(key), { body: bytes })
    await this.#assertOk(response, key)
    await response.body?.cancel()
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    const headers = { 'if-none-match': '*' }
    const response = await this.#ask('PUT', this.#pathOf(key), { body: bytes, headers })
    // 409: another one is being written under this name.
    if (response.status === 412 || response.status === 409) {
      await response.body?.cancel()
      return false
    }
    await this.#assertOk(response, key)
    await response.body?.cancel()
    return true
  }

  async delete(key: string): Promise<void> {
    const response = await this.#ask('DELETE', this.#pathOf(key))
    if (response.status !== 404) await this.#assertOk(response, key)
    await response.body?.cancel()
  }

  #pathOf(key: string): string {
    assertKey(key)
    return `/${this.#options.prefix}${key}`
  }

  async #ask(
    method: string,
    path: string,
    { body, headers }: { body?: Uint8Array; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const init = { method, headers: headers ?? {}, signal: AbortSignal.timeout(TIMEOUT_MS) }
    try {
      return await this.#client.fetch(
        this.#root + path,
        body ? { ...init, body: body as Uint8Array<ArrayBuffer> } : init,
      )
    } catch (cause) {
      throw new MurmurError('UNAVAILABLE', `${this.place} does not answer: ${messageOf(cause)}`, { cause })
    }
  }

  async #body(response: Response, key: string): Promise<ArrayBuffer> {
    try {
      return await response.arrayBuffer()
    } catch (cause) {
      throw new MurmurError('UNAVAILABLE', `${this.place}${key} broke off: ${messageOf(cause)}`, { cause })
    }
  }

  async #assertOk(response: Response, what: string): Promise<void> {
    if (response.ok) return
    const text = (await boundedText(response).catch(() => '')).slice(0, MAX_REPORTED)
    throw new MurmurError('UNAVAILABLE', `${this.place}: ${what}: ${response.status} ${text}`)
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > LIST_BYTES) throw new MurmurError('UNAVAILABLE', `an answer of more than ${LIST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** What ListObjectsV2 answers. Pure. */
export function parseListing(xml: string): { files: StoredFile[]; next: string | undefined } {
  const files: StoredFile[] = []
  const path: string[] = []
  let next: string | undefined
  let text = ''
  let file: Partial<StoredFile> = {}
  const parser = new Parser(
    {
      onopentag(name) {
        path.push(name)
        text = ''
        if (name === 'Contents') file = {}
      },
      ontext(part) {
        text += part
      },
      onclosetag(name) {
        path.pop()
        if (path.at(-1) === 'Contents') {
          if (name === 'Key') file.key = text
          if (name === 'Size') file.bytes = Number(text)
          if (name === 'LastModified') file.modifiedAtMs = Date.parse(text)
        } else if (name === 'NextContinuationToken') next = text
        else if (name === 'Contents' && file.key !== undefined)
          files.push({ bytes: 0, modifiedAtMs: 0, ...file, key: file.key })
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
  parser.end(xml)
  return { files, next }
}
