import type { ServerReadableStream, UntypedServiceImplementation } from '@grpc/grpc-js'
import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { mediaTypeSchema } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { withStallTimeout } from '../gateway/stall-timeout.ts'
import { type CallDeps, clientStream, decode, serverStream, unary } from './call.ts'
import type { CallContext } from './call-context.ts'
import {
  type DownloadObjectRequest,
  type DownloadObjectResponse,
  ObjectServiceService,
  type UploadObjectRequest,
  type UploadObjectResponse,
} from './generated/v1/object_service.ts'
import { isBrokenOff } from './http2-stream.ts'
import { objectMessage } from './to-proto.ts'

export interface ObjectServiceDeps extends CallDeps {
  gateway: Gateway
}

/** One message of an upload: a piece of 1 MiB and what belongs to it. */
export const MAX_PART_BYTES = 1024 * 1024 + 1024
const metadataSchema = z.object({
  contentType: mediaTypeSchema,
  name: z.string().min(1).max(256).optional(),
  size: z.int().min(0).max(LIMITS.blobBytes).optional(),
})
/**
 * A client that cancels ends its messages as if they were complete, and says in its next breath that it has cancelled: without
 * a size there is nothing else to tell the two apart by. Milliseconds.
 */
const NEXT_BREATH_MS = 20
const keySchema = z.string().min(1).max(256)

/** ObjectService over the gateway. */
export function objectService(deps: ObjectServiceDeps): UntypedServiceImplementation {
  return {
    uploadObject: clientStream(
      deps,
      'putObject',
      (call: ServerReadableStream<Buffer, UploadObjectResponse>, context) => upload(call, context, deps),
    ),
    downloadObject: serverStream(deps, 'getObject', ObjectServiceService.downloadObject, (request, context) =>
      download(request, context, deps),
    ),
    deleteObject: unary(
      deps,
      'deleteObject',
      ObjectServiceService.deleteObject,
      ({ blob }, { caller, isAbout }) => {
        const key = checkRequest(keySchema, blob)
        isAbout(key)
        return deps.gateway.deleteObject(caller.tenant, key)
      },
    ),
    getUsage: unary(deps, 'getUsage', ObjectServiceService.getUsage, async (_request, { caller }) => ({
      usage: await deps.gateway.usage(caller.tenant),
    })),
  }
}

async function upload(
  call: ServerReadableStream<Buffer, UploadObjectResponse>,
  { caller, gone, isAbout }: CallContext,
  { gateway, access }: ObjectServiceDeps,
): Promise<UploadObjectResponse> {
  const parts = partsOf(call)
  const first = (await parts.next()).value?.part
  if (first?.$case !== 'metadata') throw wrongOrder('the first message says what it is (metadata)')
  const about = checkRequest(metadataSchema, first.value)
  const assertWhole = () => {
    if (isBrokenOff(call)) throw brokenOff()
  }
  // As over REST: who has said how much it is may send all of it.
  if (about.size !== undefined) await access.spendBytes(caller, about.size)
  let received = 0
  const bytes = async function* () {
    for await (const { part } of parts) {
      if (gone.aborted) throw brokenOff()
      if (part?.$case !== 'chunk') throw wrongOrder('behind the first message there are chunks only')
      received += part.value.length
      // At once, and not when the client has ended: nothing that comes now makes it right.
      if (about.size !== undefined && received > about.size) throw wrongSize(about.size, received)
      if (about.size === undefined) await access.spendBytes(caller, part.value.length)
      yield part.value
    }
    if (about.size === undefined) await nextBreath(gone)
    assertWhole()
    if (about.size !== undefined && received !== about.size) throw wrongSize(about.size, received)
  }
  const { object, expiresAtMs } = await gateway.putObject(caller.tenant, bytes(), {
    contentType: about.contentType,
    ...(about.name !== undefined && { name: about.name }),
    ...(about.size !== undefined && { size: about.size }),
  })
  isAbout(object.blob)
  // Who cancelled in the meantime will never hear of it.
  if (isBrokenOff(call)) await gateway.removeUpload(caller.tenant, object)
  assertWhole()
  return { object: objectMessage(object), expiresAtMs }
}

async function* partsOf(
  call: ServerReadableStream<Buffer, UploadObjectResponse>,
): AsyncGenerator<UploadObjectRequest, undefined> {
  for await (const bytes of withStallTimeout<Buffer>(call))
    yield decode(ObjectServiceService.uploadObject, bytes, MAX_PART_BYTES)
  return undefined
}

async function* download(
  { blob }: DownloadObjectRequest,
  { caller }: CallContext,
  { gateway, access }: ObjectServiceDeps,
): AsyncGenerator<DownloadObjectResponse> {
  const key = checkRequest(keySchema, blob)
  const { bytes, ...about } = await gateway.getObject(caller.tenant, key)
  await access.spendBytes(caller, about.size)
  yield { part: { $case: 'object', value: { blob: key, ...about } } }
  // Left early, as by a client that is gone, the stream is cancelled.
  for await (const chunk of bytes) yield { part: { $case: 'chunk', value: Buffer.from(chunk) } }
}

/** Until a client that has cancelled would have said so. */
async function nextBreath(gone: AbortSignal): Promise<void> {
  if (gone.aborted) return
  await new Promise<void>((resolve) => {
    const heard = () => {
      clearTimeout(timer)
      gone.removeEventListener('abort', heard)
      // Behind what the sockets have brought meanwhile, however busy this process was.
      setImmediate(resolve)
    }
    const timer = setTimeout(heard, NEXT_BREATH_MS)
    gone.addEventListener('abort', heard, { once: true })
  })
}

function brokenOff(): MurmurError {
  return new MurmurError('INVALID_REQUEST', 'the upload did not come to its end')
}

function wrongSize(announced: number, received: number): MurmurError {
  const what =
    received > announced
      ? `the upload goes on after the ${announced} bytes that were announced`
      : `the upload ended after ${received} of the ${announced} bytes that were announced`
  return new MurmurError('INVALID_REQUEST', what, {
    issues: [{ path: 'metadata.size', message: `must be what is sent, which was ${received}` }],
  })
}

function wrongOrder(message: string): MurmurError {
  return new MurmurError('INVALID_REQUEST', `the request is not valid: ${message}`, {
    issues: [{ path: 'part', message }],
  })
}
