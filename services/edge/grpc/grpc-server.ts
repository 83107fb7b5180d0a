import { Server, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, LogReading } from '#platform/nats/bus.ts'
import { Admission } from '../access/admission.ts'
import type { EdgeTls } from '../edge-tls.ts'
import { admitCalls } from './admit-calls.ts'
import { alertService } from './alert-service.ts'
import { cameraService } from './camera-service.ts'
import { deadLetterService } from './dead-letter-service.ts'
import { AlertServiceService } from './generated/v1/alert_service.ts'
import { CameraServiceService } from './generated/v1/camera_service.ts'
import { DeadLetterServiceService } from './generated/v1/dead_letter_service.ts'
import { ObjectServiceService } from './generated/v1/object_service.ts'
import { RecordingServiceService } from './generated/v1/recording_service.ts'
import { ScheduleServiceService } from './generated/v1/schedule_service.ts'
import { SystemServiceService } from './generated/v1/system_service.ts'
import { TaskServiceService } from './generated/v1/task_service.ts'
import { TemplateServiceService } from './generated/v1/template_service.ts'
import { GrpcListener } from './grpc-listener.ts'
import { MAX_PART_BYTES, objectService } from './object-service.ts'
import { recordingService } from './recording-service.ts'
import { addReflection } from './reflection.ts'
import { scheduleService } from './schedule-service.ts'
import { systemService } from './system-service.ts'
import { type TaskServiceDeps, taskService } from './task-service.ts'
import { templateService } from './template-service.ts'

export interface GrpcServerDeps extends Omit<TaskServiceDeps, 'stopping'> {
  host: string
  /** 0 takes a free one. */
  port: number
  bus: LogReading & Pick<Bus, 'connected'>
  tls: EdgeTls | undefined
  /** How much one address and one credential may take; as by default where it is not given. */
  admission?: Admission
  /** A message has to be here within this. Milliseconds. */
  messageTimeoutMs?: number
}

const OPTIONS = {
  // Larger messages are refused before they are read; each method has its own limit below that.
  'grpc.max_receive_message_length': MAX_PART_BYTES,
  'grpc.max_send_message_length': 64 * 1024 * 1024,
  'grpc.max_metadata_size': 16 * 1024,
  'grpc.max_concurrent_streams': 1000,
  // What one connection holds, in MiB: no bound at all unless it is said.
  'grpc-node.max_session_memory': 64,
  // Connections that are dead without a word are found within half a minute.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.max_connection_idle_ms': 15 * 60_000,
}
const MESSAGE_TIMEOUT_MS = 20_000
/** Calls that are being answered may end within this. Milliseconds. */
const END_TIMEOUT_MS = 3000
const HEALTH_INTERVAL_MS = 500
const NAMES = [
  'TaskService',
  'AlertService',
  'CameraService',
  'RecordingService',
  'ObjectService',
  'SystemService',
  'DeadLetterService',
  'TemplateService',
  'ScheduleService',
].map((name) => `murmuration.edge.v1.${name}`)

/** gRPC for clients: the services of schemas/edge/v1, health and reflection. */
export class GrpcServer implements Component {
  readonly name = 'grpc server'
  readonly #deps: GrpcServerDeps
  readonly #server: Server
  readonly #listener: GrpcListener
  readonly #health = new HealthImplementation()
  #port = 0
  #told: string | undefined
  readonly #stopping = new AbortController()
  #watch: NodeJS.Timeout | undefined

  constructor(given: GrpcServerDeps) {
    this.#deps = given
    const { admission = new Admission(), messageTimeoutMs = MESSAGE_TIMEOUT_MS, tls } = given
    this.#server = new Server({
      ...OPTIONS,
      interceptors: [admitCalls({ ...given, admission, messageTimeoutMs })],
    })
    this.#listener = new GrpcListener(this.#server, { admission, tls })
    const deps = { ...given, stopping: this.#stopping.signal }
    this.#add(TaskServiceService, taskService(deps))
    this.#add(AlertServiceService, alertService(deps))
    this.#add(CameraServiceService, cameraService(deps))
    this.#add(RecordingServiceService, recordingService(deps))
    this.#add(ObjectServiceService, objectService(deps))
    this.#add(SystemServiceService, systemService(deps))
    this.#add(DeadLetterServiceService, deadLetterService(deps))
    this.#add(TemplateServiceService, templateService(deps))
    this.#add(ScheduleServiceService, scheduleService(deps))
    this.#health.addToServer(this.#server)
    addReflection(this.#server, NAMES)
  }

  /** The port that was bound. */
  get port(): number {
    return this.#port
  }

  /** @throws MurmurError CONFIG_INVALID when the address can't be listened on, or the certificates are none */
  async start(): Promise<void> {
    const { host, port, log } = this.#deps
    this.#port = await this.#listener.listen(host, port).catch((cause: unknown) => {
      throw new MurmurError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, {
        cause,
        issues: [{ path: 'MURMUR_EDGE_GRPC_PORT', message: messageOf(cause) }],
      })
    })
    this.#tellHealth()
    this.#watch = setInterval(() => this.#tellHealth(), HEALTH_INTERVAL_MS)
    log.info({ host, port: this.#port, tls: this.#deps.tls !== undefined }, 'gRPC')
  }

  /** Shows another certificate to all who connect from now on. */
  setTls(tls: EdgeTls): void {
    this.#listener.setTls(tls)
  }

  /** Watchers are sent away: they go on where they were, with another edge or with the next one. */
  quiesce(): void {
    clearInterval(this.#watch)
    this.#stopping.abort()
    for (const name of ['', ...NAMES]) this.#health.setStatus(name, 'NOT_SERVING')
  }

  /** What is under way may end; what does not is ended. */
  async stop(): Promise<void> {
    clearInterval(this.#watch)
    const closed = this.#listener.close()
    const ended = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()))
    const forced = setTimeout(() => {
      this.#server.forceShutdown()
      this.#listener.destroyConnections()
    }, END_TIMEOUT_MS)
    await Promise.all([closed, ended])
    clearTimeout(forced)
  }

  #tellHealth(): void {
    const status = this.#deps.bus.connected ? 'SERVING' : 'NOT_SERVING'
    // Each time, all who watch are told: once a change, and not twice a second to who takes nothing.
    if (status === this.#told) return
    this.#told = status
    for (const name of ['', ...NAMES]) this.#health.setStatus(name, status)
  }

  /** Methods get their requests as bytes, and may give their answers as bytes. */
  #add(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    const raw = Object.entries(definition).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (answer: unknown) =>
          Buffer.isBuffer(answer) ? answer : method.responseSerialize(answer),
      },
    ])
    this.#server.addService(Object.fromEntries(raw), implementation)
  }
}
