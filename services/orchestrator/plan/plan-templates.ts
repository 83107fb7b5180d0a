import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, LogReading, Publishing, Serving } from '#platform/nats/bus.ts'
import { FollowedStream } from '#platform/nats/followed-stream.ts'
import type { LogMessage } from '#platform/nats/log-session.ts'
import { type PublishOptions, StreamRefusal } from '#platform/nats/publisher.ts'
import type { SourceSealer } from '#platform/secrets/source-sealing.ts'
import { LIMITS } from '#schemas/limits.ts'
import {
  type DeleteTemplateResponse,
  type GetTemplateResponse,
  type ListTemplatesRequest,
  type ListTemplatesResponse,
  type PlanTemplate,
  type PutTemplateRequest,
  type PutTemplateResponse,
  parseTemplateReference,
  type StoredTemplate,
  storedTemplateSchema,
} from '#schemas/plan-template.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { assertTemplate } from '#workflow/plan/template-input.ts'
import { type IndexedVersion, TemplateIndex } from './template-index.ts'

export interface PlanTemplatesDeps {
  bus: LogReading & Publishing & Serving & { readonly streams: Pick<Bus['streams'], 'messageAt'> }
  /** The broker's. */
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
  /** Takes users and passwords out of addresses of video, before they are kept. */
  sources?: SourceSealer
}

const PUBLISH_TIMEOUT_MS = 5000
/** Others may write the same version at the same time: each time one of them has got on. */
const MAX_TRIES = 10
/** Marks of deleted versions stay, so that no number is given twice: so many versions a tenant may ever write. */
const MAX_WRITTEN = 10 * LIMITS.templateVersions
/** Templates that are kept in memory beside their stream. */
const MAX_CACHED = 100
const { name: STREAM } = STREAMS.templates

/**
 * Plan templates, as their stream has them: a version is written once, by a message that the server takes only where there is none
 * yet. Every orchestrator knows which there are, and reads what one says when it is needed.
 */
export class PlanTemplates implements Component {
  readonly name = 'plan templates'
  readonly #deps: PlanTemplatesDeps
  readonly #index = new TemplateIndex()
  readonly #cache = new Map<number, PlanTemplate>()
  readonly #followed: FollowedStream
  #ends: (() => void)[] = []

  constructor(deps: PlanTemplatesDeps) {
    this.#deps = deps
    this.#followed = new FollowedStream(deps, {
      stream: STREAM,
      subject: SUBJECTS.planTemplatesAll,
      what: 'plan templates',
      onMessage: (message) => this.#learn(message),
    })
  }

  /** Resolves when every template of now is known. @throws MurmurError UNAVAILABLE */
  async start(): Promise<void> {
    const { bus } = this.#deps
    await this.#followed.start()
    this.#ends = [
      bus.serve('putTemplate', (request, { tenant }) => this.put(tenant, request)),
      bus.serve('getTemplate', (request, { tenant }) => this.get(tenant, request)),
      bus.serve('listTemplates', (request, { tenant }) => this.list(tenant, request)),
      bus.serve('deleteTemplate', (request, { tenant }) => this.delete(tenant, request)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async stop(): Promise<void> {
    await this.#followed.stop()
  }

  /**
   * What a submission names: `name`, the newest version as of now, or `name@3`.
   * @throws MurmurError TEMPLATE_NOT_FOUND, UNAVAILABLE
   */
  async resolve(tenant: string, reference: string): Promise<PlanTemplate> {
    return this.#find(tenant, parseTemplateReference(reference))
  }

  /** @throws MurmurError TEMPLATE_NOT_FOUND, UNAVAILABLE */
  async get(
    tenant: string,
    request: { name: string; version?: number | undefined },
  ): Promise<GetTemplateResponse> {
    const template = await this.#find(tenant, request)
    const versions = this.#index
      .versions(tenant, request.name)
      .map(({ version, createdAtMs, description }) => ({
        version,
        createdAtMs,
        ...(description !== undefined && { description }),
      }))
    return { template, versions }
  }

  list(tenant: string, { cursor, limit }: ListTemplatesRequest): ListTemplatesResponse {
    const templates = this.#index.list(tenant, { after: cursor, limit: limit + 1 })
    if (templates.length <= limit) return { templates }
    const page = templates.slice(0, limit)
    return { templates: page, nextCursor: page.at(-1)!.name }
  }

  /**
   * Resolves when the version is stored; then every orchestrator finds it.
   * @throws MurmurError TEMPLATE_CONFLICT, LIMIT_EXCEEDED, OVERLOADED, UNAVAILABLE, and what is wrong with it
   */
  async put(tenant: string, request: PutTemplateRequest): Promise<PutTemplateResponse> {
    const { version: wanted, ...content } = this.#deps.sources?.sealIn(tenant, request) ?? request
    assertTemplate(content)
    await this.#refresh(tenant, content.name)
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const newest = this.#index.find(tenant, content.name)
      const same = newest && (await this.#read(newest))
      if (same && isSameContent(same, content)) return { template: same, created: false }
      const version = this.#index.nextVersion(tenant, content.name)
      if (wanted !== undefined && wanted !== version)
        throw new MurmurError(
          'TEMPLATE_CONFLICT',
          `template "${content.name}" would become version ${version}, not ${wanted}`,
        )
      this.#assertRoom(tenant)
      const template = { ...content, version, createdAtMs: Math.floor(this.#deps.clock.nowMs()) }
      if (await this.#write(tenant, template)) return { template, created: true }
    }
    throw new MurmurError(
      'TEMPLATE_CONFLICT',
      `template "${content.name}" is written by others all the time just now`,
    )
  }

  /** @throws MurmurError TEMPLATE_NOT_FOUND, UNAVAILABLE */
  async delete(
    tenant: string,
    { name, version }: { name: string; version?: number | undefined },
  ): Promise<DeleteTemplateResponse> {
    await this.#refresh(tenant, name)
    const found = this.#index
      .versions(tenant, name)
      .filter((one) => version === undefined || one.version === version)
    if (found.length === 0) throw notFound(name, version)
    const seqs = await Promise.all(
      found.map(async (one) => {
        const mark: StoredTemplate = { v: 1, tenant, deleted: { name, version: one.version } }
        const subject = SUBJECTS.planTemplate(tenant, name, one.version)
        return (await this.#publish(subject, JSON.stringify(mark), { payload: { tenant } })).seq
      }),
    )
    await this.#followed.until(Math.max(...seqs))
    return { name, versions: found.map((one) => one.version).toSorted((a, b) => a - b) }
  }

  #assertRoom(tenant: string): void {
    const { kept, written } = this.#index.countsOf(tenant)
    if (kept >= LIMITS.templateVersions)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `there are ${kept} versions of templates, at most ${LIMITS.templateVersions} are kept: delete some`,
      )
    if (written >= MAX_WRITTEN)
      throw new MurmurError('LIMIT_EXCEEDED', `${MAX_WRITTEN} versions of templates were written already`)
  }

  /** @returns false when somebody else has written that version first */
  async #write(tenant: string, template: PlanTemplate): Promise<boolean> {
    const { name, version } = template
    const stored: StoredTemplate = { v: 1, tenant, template }
    const data = JSON.stringify(stored)
    const bytes = Buffer.byteLength(data)
    if (bytes > LIMITS.templateBytes)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `the template has ${bytes} bytes, at most ${LIMITS.templateBytes} are kept`,
      )
    const subject = SUBJECTS.planTemplate(tenant, name, version)
    try {
      const { seq } = await this.#publish(subject, data, {
        // The server takes it only where there is nothing yet: that is what makes a version be written once.
        expectedLastSeq: 0,
        payload: { tenant },
      })
      await this.#followed.until(seq)
    } catch (error) {
      if (!(error instanceof StreamRefusal)) throw error
      await this.#refresh(tenant, name)
    }
    // Refused, or taken for another one at the same moment: what is there says whose it is. An answer that got lost is found this way, too.
    const there = this.#index.find(tenant, name, version)
    const kept = there && (await this.#read(there))
    return kept !== undefined && JSON.stringify(kept) === JSON.stringify(template)
  }

  /** Under an id of its own: it names this call, which may be sent several times, and nobody else's. */
  #publish(subject: string, data: string, options: Pick<PublishOptions, 'expectedLastSeq' | 'payload'>) {
    return this.#deps.bus.publisher.publish(subject, data, {
      ...options,
      msgId: randomUUID(),
      giveUpAfterMs: PUBLISH_TIMEOUT_MS,
      refuseWhenFull: true,
    })
  }

  async #find(
    tenant: string,
    { name, version }: { name: string; version?: number | undefined },
  ): Promise<PlanTemplate> {
    // A version that is known never changes. Which one is the newest, another orchestrator may know better.
    if (version === undefined || !this.#index.find(tenant, name, version)) await this.#refresh(tenant, name)
    const found = this.#index.find(tenant, name, version)
    const template = found && (await this.#read(found))
    if (template) return template
    const [newest] = this.#index.versions(tenant, name)
    throw notFound(name, version, newest?.version)
  }

  async #read({ seq }: IndexedVersion): Promise<PlanTemplate | undefined> {
    const cached = this.#cache.get(seq)
    if (cached) return cached
    const message = await this.#deps.bus.streams.messageAt(STREAM, seq)
    const stored = message && readMessage(message.data, storedTemplateSchema)
    if (!stored || 'deleted' in stored) return undefined
    this.#cache.set(seq, stored.template)
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value!)
    return stored.template
  }

  #learn({ data, seq }: LogMessage): void {
    const stored = readMessage(data, storedTemplateSchema)
    if (stored) this.#index.learn(stored, seq)
  }

  /** Resolves when everything is known here that is stored of a name by now. @throws MurmurError UNAVAILABLE */
  async #refresh(tenant: string, name: string): Promise<void> {
    await this.#followed.settled(SUBJECTS.planTemplatesOf(tenant, name))
  }
}

function isSameContent(a: PlanTemplate, b: Omit<PlanTemplate, 'version' | 'createdAtMs'>): boolean {
  const contentOf = ({ description, parameters, plan, deadlineMs }: typeof b) =>
    JSON.stringify([description, parameters, plan, deadlineMs])
  return contentOf(a) === contentOf(b)
}

function notFound(name: string, version: number | undefined, newest?: number): MurmurError {
  if (version === undefined) return new MurmurError('TEMPLATE_NOT_FOUND', `there is no template "${name}"`)
  const there = newest === undefined ? '' : `; the newest is ${newest}`
  return new MurmurError('TEMPLATE_NOT_FOUND', `template "${name}" has no version ${version}${there}`)
}
