import { useQueryClient } from '@tanstack/react-query'
import type { CameraView } from '#schemas/camera-view.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { toast } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'

export function StopDialog({
  item,
  onClose,
}: {
  item: Pick<CameraView, 'camera' | 'monitor'>
  onClose: () => void
}) {
  const client = useQueryClient()
  return (
    <ConfirmDialog
      title={`Stop watching ${item.camera}?`}
      action="Stop"
      isDangerous
      onClose={onClose}
      onConfirm={async () => {
        await ask(api.POST('/v1/monitors/{id}/stop', { params: { path: { id: item.monitor } } }))
        toast({ title: `${item.camera} is being stopped`, detail: 'Its summary is made.' })
        await client.invalidateQueries({ queryKey: ['monitors'] })
        await client.invalidateQueries({ queryKey: ['cameras'] })
        await client.invalidateQueries({ queryKey: ['monitor-task', item.monitor] })
      }}
    >
      <p>No alerts are raised from then on. What was seen, its alerts and its recordings stay.</p>
      <AsCommand
        action={{
          murmur: ['stop', item.monitor],
          rest: { method: 'POST', path: `/v1/monitors/${item.monitor}/stop` },
          nats: { subject: `monitors.${item.monitor}.stop`, body: {} },
        }}
      />
    </ConfirmDialog>
  )
}
