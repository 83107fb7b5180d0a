import { useQuery } from '@tanstack/react-query'
import type { CameraView } from '#schemas/camera-view.ts'
import { api, ask } from '../../data/api.ts'

/** What a camera tells itself comes in between, and at once. */
const REFRESH_MS = 2000

/** Every camera that is to be watched, also those that nobody watches; with `camera` only the one. */
export function useCameras(camera?: string) {
  return useQuery({
    queryKey: ['cameras', ...(camera === undefined ? [] : [camera])],
    refetchInterval: REFRESH_MS,
    enabled: camera !== '',
    queryFn: async ({ signal }) => {
      const query = camera === undefined ? {} : { camera }
      const found = await ask(api.GET('/v1/cameras', { params: { query }, signal }))
      return { cameras: (found.cameras ?? []) as CameraView[], total: found.total }
    },
  })
}
