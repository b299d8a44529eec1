/** Whether keys are text input or belong to a dialog. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest("input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable], dialog") !== null
  );
}
