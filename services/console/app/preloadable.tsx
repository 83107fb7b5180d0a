import { type ComponentType, type LazyExoticComponent, lazy, useState } from 'react'

/**
 * A component that is fetched when it is shown, unless it was before: then nothing is shown in its place. React keeps a placeholder for a third of a
 * second at least once it is seen, so that what is there already has to come without one. What could not be fetched is asked for again the next time.
 */
export class Preloadable<Props extends object> {
  readonly #load: () => Promise<{ default: ComponentType<Props> }>
  #lazy: LazyExoticComponent<ComponentType<Props>>
  #loaded: ComponentType<Props> | undefined
  #loading: Promise<void> | undefined

  constructor(load: () => Promise<{ default: ComponentType<Props> }>) {
    this.#load = load
    this.#lazy = this.#begin()
  }

  /** Resolves when it is there, or can not be had: then showing it says so. */
  preload(): Promise<void> {
    this.#loading ??= this.#load().then(
      (module) => {
        this.#loaded = module.default
      },
      () => {
        this.#loading = undefined
      },
    )
    return this.#loading
  }

  /** What is to be shown: once chosen, it has to stay, since another one would forget its state. */
  get component(): ComponentType<Props> {
    return this.#loaded ?? this.#lazy
  }

  #begin(): LazyExoticComponent<ComponentType<Props>> {
    return lazy(() =>
      this.#load().catch((error: unknown) => {
        this.#lazy = this.#begin()
        throw error
      }),
    )
  }
}

/** Shows one with these properties. */
export function Preloaded<Props extends object>({ of, props }: { of: Preloadable<Props>; props: Props }) {
  const [Component] = useState(() => of.component)
  return <Component {...props} />
}
