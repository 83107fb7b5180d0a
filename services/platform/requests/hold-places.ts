/**
 * Places for calls that wait until they can be answered: each costs memory, and asks again meanwhile. One tenant has a share of them, so that
 * its calls can't take all. Pure but for its memory, which is as large as the tenants that wait.
 */
export class HoldPlaces {
  readonly #most: number
  readonly #mostOfTenant: number
  readonly #byTenant = new Map<string, number>()
  #taken = 0

  constructor({ most, mostOfTenant }: { most: number; mostOfTenant: number }) {
    this.#most = most
    this.#mostOfTenant = mostOfTenant
  }

  /** Calls that wait now. */
  get taken(): number {
    return this.#taken
  }

  /** @returns gives the place back, once; undefined: there is none */
  take(tenant: string): (() => void) | undefined {
    const own = this.#byTenant.get(tenant) ?? 0
    if (this.#taken >= this.#most || own >= this.#mostOfTenant) return undefined
    this.#taken++
    this.#byTenant.set(tenant, own + 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      this.#taken--
      const left = this.#byTenant.get(tenant)! - 1
      if (left > 0) this.#byTenant.set(tenant, left)
      else this.#byTenant.delete(tenant)
    }
  }
}
