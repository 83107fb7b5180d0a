import { DEFAULT_TENANT } from '#schemas/identifiers.ts'

/** What a camera is called in metrics: `yard`, or `acme/yard` of a tenant, so that two with one name are two. Pure. */
export function cameraLabel(tenant: string, camera: string): string {
  return tenant === DEFAULT_TENANT ? camera : `${tenant}/${camera}`
}
