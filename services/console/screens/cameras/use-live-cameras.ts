import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { type LiveState, useLive } from '../../data/use-live.ts'
import { type LiveCamera, LiveCameras } from './live-cameras.ts'

/**
 * Follows monitors over one connection.
 * @param monitors only these; all when it is not given
 */
export function useLiveCameras(monitors?: readonly string[]): { cameras: LiveCameras; live: LiveState } {
  const client = useQueryClient()
  const cameras = useMemo(
    () => new LiveCameras(() => void client.invalidateQueries({ queryKey: ['cameras'] })),
    [client],
  )
  const query = monitors?.map((monitor) => `monitor=${encodeURIComponent(monitor)}`).join('&')
  const { state } = useLive(`/v1/monitors/events${query ? `?${query}` : ''}`, cameras.take)
  return { cameras, live: state }
}

/** What is known of one monitor; drawn again with each of its frames. */
export function useLiveCamera(cameras: LiveCameras, monitor: string): LiveCamera | undefined {
  const subscribe = useCallback(
    (listener: () => void) => cameras.subscribe(monitor, listener),
    [cameras, monitor],
  )
  return useSyncExternalStore(subscribe, () => cameras.get(monitor))
}
