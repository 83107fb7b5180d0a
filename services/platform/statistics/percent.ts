/** A share as people read it. Pure. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
