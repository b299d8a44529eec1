/** Larger pictures are scaled down before upload; the encoder's resolution is far lower. */
const LONG_SIDE_PX = 1600;
const SMALL_ENOUGH_BYTES = 1_500_000;
const QUALITY = 0.9;

/** The picture to send: unchanged if small, else scaled down and upright. A file that the browser cannot read is sent as it is. */
export async function prepareImage(file: File): Promise<Blob> {
  if (file.size <= SMALL_ENOUGH_BYTES) return file;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, LONG_SIDE_PX / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const context = canvas.getContext("2d");
    if (!context) return file;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return blob ?? file;
  } catch {
    return file;
  }
}

function imageIn(transfer: DataTransfer | null): File | null {
  return [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
}

/** Accept pictures pasted or dropped anywhere on the page; `hover` reports one being dragged. Return the function to stop. */
export function listenForImages(take: (image: File) => void, hover: (over: boolean) => void): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const carriesFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener(
    "paste",
    ({ clipboardData }) => {
      const image = imageIn(clipboardData);
      if (image) take(image);
    },
    options,
  );
  document.addEventListener(
    "dragover",
    (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      hover(true);
    },
    options,
  );
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && hover(false), options);
  document.addEventListener(
    "drop",
    (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      hover(false);
      const image = imageIn(event.dataTransfer);
      if (image) take(image);
    },
    options,
  );
  return () => stop.abort();
}
