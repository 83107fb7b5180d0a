import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import type { EdgeHttp } from './edge-http.ts'

const ETAG = /^"([0-9a-f]{64})"$/
const FILE_NAME = /;\s*filename\*=UTF-8''([^;]+)/i

/** Begins to read an object by its key. @throws MurmurError BLOB_NOT_FOUND, UNAVAILABLE, INTERNAL */
export async function openObject(http: EdgeHttp, key: string): Promise<BlobReading> {
  const path = key.split('/').map(encodeURIComponent).join('/')
  const { headers, body } = await http.open(`/v1/objects/${path}`)
  const sha256 = ETAG.exec(headers.get('etag') ?? '')?.[1]
  const size = Number(headers.get('content-length') ?? Number.NaN)
  if (sha256 === undefined || !Number.isSafeInteger(size) || !body) {
    await body?.cancel()
    throw new MurmurError('INTERNAL', `${http.url} gave no object with a size and a checksum for "${key}"`)
  }
  const name = FILE_NAME.exec(headers.get('content-disposition') ?? '')?.[1]
  return {
    size,
    sha256,
    contentType: headers.get('content-type') ?? 'application/octet-stream',
    name: name === undefined ? undefined : decodeURIComponent(name),
    bytes: body,
  }
}
