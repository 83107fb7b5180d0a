import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Alert } from '#schemas/alert.ts'
import type { CameraRecording, FindClipsResponse } from '#schemas/recording.ts'
import { Icon } from '../../components/icon.tsx'
import { api, ask } from '../../data/api.ts'
import { formatBytes, formatDuration } from '../../data/format.ts'

/** Around an alert, as the edge cuts its clip. Milliseconds. */
const BEFORE_MS = 10_000
const AFTER_MS = 20_000

/** The clip of an alert where something was recorded, and its picture otherwise. */
export function AlertClip({ alert, poster }: { alert: Alert; poster: string | undefined }) {
  const [isPlaying, setPlaying] = useState(false)
  const [fault, setFault] = useState(false)
  const { id, camera, monitor, atMs } = alert
  const kept = useRecordedCameras()
  const { data, error } = useQuery({
    queryKey: ['clips', id],
    staleTime: 30_000,
    retry: false,
    enabled: kept.data?.has(camera) === true,
    queryFn: async ({ signal }) => {
      const span = { from: String(Math.round(atMs - BEFORE_MS)), to: String(Math.round(atMs + AFTER_MS)) }
      const params = { path: { camera }, query: { ...span, monitor } }
      const found = await ask(api.GET('/v1/recordings/{camera}/clips', { params, signal }))
      return (found as FindClipsResponse).clips
    },
  })
  const problem = error ?? kept.error
  const clip = data?.[0]
  const url = `/v1/alerts/${encodeURIComponent(id)}/clip`
  return (
    <figure className="clip">
      {isPlaying && clip && !fault ? (
        <video
          src={url}
          controls
          autoPlay
          muted
          playsInline
          {...(poster && { poster })}
          onError={() => setFault(true)}
        />
      ) : poster ? (
        <img src={poster} alt={`${alert.message}, as ${camera} saw it`} />
      ) : (
        <p className="clip-none">No picture yet</p>
      )}
      <figcaption className="row small">
        {clip ? (
          <>
            {!isPlaying && (
              <button type="button" className="button small" onClick={() => setPlaying(true)}>
                <Icon name="play" /> Play the clip
              </button>
            )}
            <a className="button small" href={url} download={`${camera}-${id}.mp4`}>
              <Icon name="file" /> Export
            </a>
            <span className="dim number">
              {formatDuration(clip.durationMs)}, {clip.width} × {clip.height}, {formatBytes(clip.bytes)}
            </span>
            {fault && (
              <span className="camera-warning">
                It did not play here ({clip.codec}): try again, or export it.
              </span>
            )}
          </>
        ) : (
          <span className="dim">
            {problem
              ? `No recordings can be asked for: ${problem.message}`
              : (data ?? (kept.data && !kept.data.has(camera))) && 'Nothing was recorded of it.'}
          </span>
        )}
      </figcaption>
    </figure>
  )
}

/** Cameras of which there is video: only those are asked for clips. */
function useRecordedCameras() {
  return useQuery({
    queryKey: ['recordings'],
    staleTime: 60_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const { recordings } = await ask(api.GET('/v1/recordings', { signal }))
      return new Set(
        ((recordings ?? []) as CameraRecording[])
          .filter(({ segments }) => segments > 0)
          .map(({ camera }) => camera),
      )
    },
  })
}
