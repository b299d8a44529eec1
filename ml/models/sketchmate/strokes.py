"""SketchMate's stroke branch: a two-layer bidirectional GRU over sequences of different lengths.

On a processor, torch's packed sequences are slow to train, because the gradient of each time step fills an array of the
whole batch. There, training pads groups of similar length and mirrors each sequence for the backward direction, which
gives the same states and gradients in a third of the time.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from ml.sketch.sequence import STEP_DIM

LAYERS = 2
_GROUP = 64  # drawings of similar length


class StrokeGru(nn.Module):
    """Sequences (B, T, 4) of lengths (B,) to the last layer's final states of both directions, (B, 2 * hidden)."""

    offset_std: Tensor

    def __init__(self, hidden: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.out_dim = 2 * hidden
        self.gru = nn.GRU(STEP_DIM, hidden, LAYERS, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        # Deviation of the training offsets, as in sketch-rnn.
        self.register_buffer("offset_std", torch.tensor(25.0))

    def forward(self, steps: Tensor, lengths: Tensor | None) -> Tensor:
        """Without `lengths` no sequence is padded, as in the exported encoder, which takes a single one."""
        scaled = torch.cat([steps[..., :2] / self.offset_std, steps[..., 2:]], dim=2)
        with torch.autocast(steps.device.type, enabled=False):  # bf16 does not make the recurrence faster
            if lengths is None:
                final = _both(self.gru(scaled)[1])
            elif torch.is_grad_enabled() and steps.device.type == "cpu":
                final = self._in_groups(scaled, lengths)
            else:
                packed = pack_padded_sequence(scaled, lengths, batch_first=True, enforce_sorted=False)
                final = _both(self.gru(packed)[1])
        dropped: Tensor = self.dropout(final)
        return dropped

    def _in_groups(self, scaled: Tensor, lengths: Tensor) -> Tensor:
        """Return the final states of both directions, (B, 2 * hidden), from groups of similar length."""
        order = lengths.argsort()
        parts = [
            self._final_states(scaled[rows, : int(lengths[rows].max())], lengths[rows])
            for rows in torch.split(order, _GROUP)
        ]
        return torch.cat(parts)[order.argsort()]

    def _final_states(self, values: Tensor, lengths: Tensor) -> Tensor:
        """Return the same for padded sequences (B, T, 4). Padding follows the drawing in both directions."""
        row, place = torch.arange(len(values))[:, None], torch.arange(values.shape[1])[None]
        mirrored = torch.where(place < lengths[:, None], lengths[:, None] - 1 - place, place)
        for layer in range(LAYERS):
            onwards = self._one_way(values, f"l{layer}")
            backwards = self._one_way(values[row, mirrored], f"l{layer}_reverse")
            values = torch.cat([onwards, backwards[row, mirrored]], dim=2)
        last = row[:, 0], lengths - 1
        return torch.cat([onwards[last], backwards[last]], dim=1)

    def _one_way(self, values: Tensor, name: str) -> Tensor:
        """Return the outputs (B, T, hidden) of one layer in one direction."""
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(self.gru, f"{kind}_{name}") for kind in kinds]
        start = values.new_zeros(1, len(values), self.gru.hidden_size)
        outputs, _ = torch.gru(values, start, weights, True, 1, 0.0, self.training, False, True)
        return outputs


def _both(state: Tensor) -> Tensor:
    """Return the final states of the last layer's directions side by side."""
    return torch.cat([state[-2], state[-1]], dim=1)
