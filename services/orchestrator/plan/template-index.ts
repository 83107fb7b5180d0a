import type { PlanTemplate, StoredTemplate, TemplateSummary } from '#schemas/plan-template.ts'

/** A version, and where its stream has it. */
export interface IndexedVersion {
  readonly version: number
  readonly seq: number
  readonly createdAtMs: number
  readonly description: string | undefined
}

interface IndexedName {
  /** The highest number that was ever given. */
  last: number
  /** What there is, in the order in which it was written. */
  readonly versions: Map<number, IndexedVersion>
}

interface IndexedTenant {
  readonly names: Map<string, IndexedName>
  kept: number
  /** Versions that were ever written, those that were deleted among them. */
  written: number
}

/** Which plan templates there are, as the messages of their stream say one after the other. Without what they say: that stays there. */
export class TemplateIndex {
  readonly #tenants = new Map<string, IndexedTenant>()

  learn(stored: StoredTemplate, seq: number): void {
    const tenant = this.#tenants.get(stored.tenant) ?? { names: new Map(), kept: 0, written: 0 }
    this.#tenants.set(stored.tenant, tenant)
    if ('deleted' in stored) {
      const { name, version } = stored.deleted
      const of = tenant.names.get(name) ?? { last: 0, versions: new Map() }
      tenant.names.set(name, of)
      // After a restart the mark is all that is left of it.
      if (of.versions.delete(version)) tenant.kept--
      else tenant.written++
      of.last = Math.max(of.last, version)
      return
    }
    const { name, version, createdAtMs, description } = stored.template
    const of = tenant.names.get(name) ?? { last: 0, versions: new Map() }
    tenant.names.set(name, of)
    if (!of.versions.has(version)) {
      tenant.kept++
      tenant.written++
    }
    of.versions.set(version, { version, seq, createdAtMs, description })
    of.last = Math.max(of.last, version)
  }

  /** The version, or the newest; undefined when there is none. */
  find(tenant: string, name: string, version?: number): IndexedVersion | undefined {
    const of = this.#tenants.get(tenant)?.names.get(name)
    return version === undefined ? this.versions(tenant, name)[0] : of?.versions.get(version)
  }

  /** Newest first. */
  versions(tenant: string, name: string): IndexedVersion[] {
    const versions = this.#tenants.get(tenant)?.names.get(name)?.versions.values() ?? []
    return [...versions].toSorted((a, b) => b.version - a.version)
  }

  /** The number of the version that is written next. */
  nextVersion(tenant: string, name: string): PlanTemplate['version'] {
    return (this.#tenants.get(tenant)?.names.get(name)?.last ?? 0) + 1
  }

  countsOf(tenant: string): { kept: number; written: number } {
    const { kept, written } = this.#tenants.get(tenant) ?? { kept: 0, written: 0 }
    return { kept, written }
  }

  /** By name, those behind `after`. */
  list(tenant: string, { after, limit }: { after?: string | undefined; limit: number }): TemplateSummary[] {
    const names = this.#tenants.get(tenant)?.names ?? new Map<string, IndexedName>()
    return [...names]
      .filter(([name, { versions }]) => versions.size > 0 && (after === undefined || name > after))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([name, { versions }]) => {
        const { version, createdAtMs, description } = this.find(tenant, name)!
        return {
          name,
          version,
          versions: versions.size,
          createdAtMs,
          ...(description !== undefined && { description }),
        }
      })
  }
}
