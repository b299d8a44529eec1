/** Larger pictures are scaled down before upload; the encoder's resolution is far lower. */
const LONG_SIDE_PX = 1600;
const SMALL_ENOUGH_BYTES = 1_500_000;
const QUALITY = 0.9;
/** Files that the system knows no type for, such as HEIC on most. */
const IMAGE_NAME = /\.(avif|bmp|gif|hei[cf]|jpe?g|png|svg|tiff?|webp)$/i;

/**
 * The picture to send: unchanged if it is small in bytes and pixels, else scaled down and upright. Files that the browser
 * cannot decode, such as HEIC, and drawings (SVG) are sent as they are.
 */
export async function prepareImage(file: Blob): Promise<Blob> {
  if (file.type === "image/svg+xml") return file;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const longest = Math.max(bitmap.width, bitmap.height);
  try {
    if (file.size <= SMALL_ENOUGH_BYTES && longest <= LONG_SIDE_PX) return file;
    const scale = Math.min(1, LONG_SIDE_PX / longest);
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    if (!context) return file;
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    // Only JPEG has no transparency, on which the server finds light and dark ink.
    const type = file.type === "image/jpeg" ? "image/jpeg" : "image/webp";
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, QUALITY));
    return blob ?? file;
  } finally {
    bitmap.close();
  }
}

function isImage({ type, name }: File): boolean {
  return type.startsWith("image/") || (type === "" && IMAGE_NAME.test(name));
}

function imageIn(transfer: DataTransfer | null): File | null {
  return [...(transfer?.files ?? [])].find(isImage) ?? null;
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
