import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt'
import {
  loadPackageDefinition,
  type Server,
  type ServerDuplexStream,
  type ServiceClientConstructor,
  status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { cutOff, SLOWEST_MS } from './http2-stream.ts'

/** Written by `npm run proto`: every file of the contract with all that it needs. */
const DESCRIPTORS = new URL('./generated/descriptors.binpb', import.meta.url)
const VERSIONS = ['v1', 'v1alpha'] as const
const SERVICE = 'ServerReflection'

interface ReflectionRequest {
  message_request?: 'file_by_filename' | 'file_containing_symbol' | 'list_services' | (string & {})
  file_by_filename?: string
  file_containing_symbol?: string
}

/**
 * Reflection (grpc.reflection.v1 and v1alpha), for clients that know nothing: it gives the files of the contract as they are.
 * The messages are those of @grpc/reflection. Its service is not used: it makes one file of all that a package holds and leaves out
 * what that depends on, and strict clients (buf) refuse it.
 */
export function addReflection(server: Server, services: readonly string[]): void {
  const index = indexOf(readFileSync(DESCRIPTORS))
  const handle = (call: ServerDuplexStream<ReflectionRequest, object>) => {
    // One question at a time: who does not take his answers is not asked for more, and cut off like everybody.
    let timer: NodeJS.Timeout | undefined
    call.once('close', () => clearTimeout(timer))
    call.on('data', (request: ReflectionRequest) => {
      call.pause()
      clearTimeout(timer)
      timer = setTimeout(() => cutOff(call), SLOWEST_MS)
      const taken = () => {
        clearTimeout(timer)
        call.resume()
      }
      call.write({ original_request: request, ...answer(request, index, services) }, taken)
    })
    call.on('end', () => call.end())
    call.on('error', () => undefined)
  }
  const { resolve } = createRequire(import.meta.url)
  for (const version of VERSIONS) {
    const file = resolve(`@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`)
    const loaded = loadPackageDefinition(loadSync(file, { keepCase: true, oneofs: true })) as never as {
      grpc: { reflection: Record<string, Record<string, ServiceClientConstructor>> }
    }
    const definition = loaded.grpc.reflection[version]?.[SERVICE]?.service
    if (definition) server.addService(definition, { ServerReflectionInfo: handle })
  }
}

interface FileIndex {
  /** Encoded, with everything that it depends on behind it. */
  byName: ReadonlyMap<string, Uint8Array[]>
  /** Name of the file that says what a full name is. */
  bySymbol: ReadonlyMap<string, string>
}

function answer(request: ReflectionRequest, index: FileIndex, services: readonly string[]): object {
  switch (request.message_request) {
    case 'list_services':
      return { list_services_response: { service: services.map((name) => ({ name })) } }
    case 'file_by_filename':
      return filesOf(request.file_by_filename, index)
    case 'file_containing_symbol':
      return filesOf(index.bySymbol.get((request.file_containing_symbol ?? '').replace(/^\./, '')), index)
    default:
      // Extensions: the contract has none.
      return refused(status.NOT_FOUND, 'there are no extensions')
  }
}

function filesOf(name: string | undefined, { byName }: FileIndex): object {
  const files = name === undefined ? undefined : byName.get(name)
  return files
    ? { file_descriptor_response: { file_descriptor_proto: files } }
    : refused(status.NOT_FOUND, 'there is no such file or symbol')
}

function refused(code: status, message: string): object {
  return { error_response: { error_code: code, error_message: message } }
}

/** @param set an encoded google.protobuf.FileDescriptorSet */
function indexOf(set: Uint8Array): FileIndex {
  const files = new Map(fromBinary(FileDescriptorSetSchema, set).file.map((file) => [file.name, file]))
  const withNeeds = (name: string, found = new Set<string>()): Set<string> => {
    if (found.has(name)) return found
    found.add(name)
    for (const needed of files.get(name)?.dependency ?? []) withNeeds(needed, found)
    return found
  }
  const encoded = new Map([...files].map(([name, file]) => [name, toBinary(FileDescriptorProtoSchema, file)]))
  const bySymbol = new Map<string, string>()
  for (const [name, file] of files) for (const symbol of symbolsOf(file)) bySymbol.set(symbol, name)
  const byName = new Map(
    [...files.keys()].map((name) => [name, [...withNeeds(name)].flatMap((one) => encoded.get(one) ?? [])]),
  )
  return { byName, bySymbol }
}

function symbolsOf(file: FileDescriptorProto): string[] {
  const within = (parent: string) => (name: string) => (parent === '' ? name : `${parent}.${name}`)
  const ofMessage = (parent: string, message: DescriptorProto): string[] => {
    const name = within(parent)(message.name)
    return [
      name,
      ...message.field.map((field) => `${name}.${field.name}`),
      ...message.enumType.map((one) => `${name}.${one.name}`),
      ...message.nestedType.flatMap((nested) => ofMessage(name, nested)),
    ]
  }
  return [
    ...file.messageType.flatMap((message) => ofMessage(file.package, message)),
    ...file.enumType.map(({ name }) => within(file.package)(name)),
    ...file.service.flatMap(({ name, method }) => {
      const service = within(file.package)(name)
      return [service, ...method.map((one) => `${service}.${one.name}`)]
    }),
  ]
}
