// Manifests are open records whose shapes the schemas of Kubernetes check elsewhere.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Manifest = Record<string, any>

/** What manifests may name that is not among them. */
export interface Known {
  /** Names of settings that the services read. */
  readonly settings: ReadonlySet<string>
  /** Keys of each Secret that is made beside the manifests. */
  readonly secrets: ReadonlyMap<string, ReadonlySet<string>>
  /** Files and folders of the sources that each of our images has, by its name. */
  readonly images: ReadonlyMap<string, readonly string[]>
}

/** What a rule of the policy may ask. */
export interface Context {
  readonly manifests: readonly Manifest[]
  readonly known: Known
  of(kind: string): Manifest[]
}

/** The fault as a list: empty where what should hold does. */
export const fault = (holds: unknown, text: string) => (holds ? [] : [text])

/** Whether a label selector takes these labels. */
export function selects(selector: Manifest, labels: Record<string, string>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector
  const byLabels = Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
  return (
    byLabels &&
    matchExpressions.every(({ key, operator, values = [] }: Manifest) => {
      if (operator === 'In') return values.includes(labels[key])
      if (operator === 'NotIn') return !values.includes(labels[key])
      return operator === 'Exists' ? key in labels : !(key in labels)
    })
  )
}
