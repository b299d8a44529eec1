"""The only file that uses VTK: render a placed mesh to pixels and depth, without a display (EGL, software rendering)."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .camera import Camera
from .obj import Material, Mesh

os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")

# VTK chooses its window class when it loads.
import vtk  # type: ignore[import-not-found,import-untyped,unused-ignore]
from vtk.util import numpy_support  # type: ignore[import-not-found,import-untyped,unused-ignore]

# Camera lights: (position seen from the camera: right, up, towards the viewer), brightness.
_LIGHTS = (
    ((-0.7, 0.45, 1.0), 0.74),
    ((0.9, 0.25, 0.9), 0.50),
    ((0.1, 1.0, -0.25), 0.27),
    ((-0.9, 0.35, -0.75), 0.40),
)
_FLOOR, _CEILING = 0.09, 0.93
"""Albedo range: nothing is blacker or whiter, so that light can still model black and pale pieces."""
_LIFT = 1.4
_GLASS = 0.45
"""Glass is rendered paler than its material, and neither invisible nor opaque."""
_GLASS_OPACITY = (0.24, 0.5)
_ALPHA_CUT = "\n  if (gl_FragData[0].a < 0.08) { discard; }\n"


class Scene:
    """One model in VTK, to render as photo or depth from several cameras."""

    def __init__(
        self,
        points: NDArray[np.float64],
        mesh: Mesh,
        normals: NDArray[np.float64],
        textures: dict[str, Image.Image],
    ) -> None:
        self._size = float(np.linalg.norm(points.max(axis=0) - points.min(axis=0)))
        self._renderer = vtk.vtkOpenGLRenderer()
        self._renderer.SetBackground(1.0, 1.0, 1.0)
        self._renderer.SetAutomaticLightCreation(False)
        self._renderer.SetUseDepthPeeling(True)
        self._renderer.SetMaximumNumberOfPeels(4)
        for position, brightness in _LIGHTS:
            light = vtk.vtkLight()
            light.SetLightTypeToCameraLight()
            light.SetPosition(*position)
            light.SetFocalPoint(0, 0, 0)
            light.SetIntensity(brightness)
            self._renderer.AddLight(light)
        self._actors: list[tuple[Any, bool]] = []
        for number, material in enumerate(mesh.materials):
            chosen = mesh.material == number
            if chosen.any():
                corners = mesh.corners[chosen]
                image = textures.get(material.texture or "")
                textured = image is not None and bool((corners[:, :, 1] >= 0).all())
                uvs = mesh.uvs[corners[:, :, 1]] if textured else None
                data = _poly_data(points[corners[:, :, 0]], normals[chosen], uvs)
                self._add(data, material, image if textured else None)
        self._window = vtk.vtkRenderWindow()
        self._window.SetOffScreenRendering(True)
        self._window.SetMultiSamples(0)
        self._window.AddRenderer(self._renderer)

    def photograph(self, camera: Camera, pixels: int) -> NDArray[np.uint8]:
        """Return a lit picture on white, RGB (pixels, pixels, 3)."""
        for actor, clear in self._actors:
            actor.SetForceOpaque(not clear)
            actor.SetForceTranslucent(clear)
        self._renderer.SetUseSSAO(True)
        self._renderer.SetSSAORadius(0.09 * self._size)
        self._renderer.SetSSAOBias(0.004 * self._size)
        self._renderer.SetSSAOKernelSize(48)
        self._renderer.SetSSAOBlur(True)
        self._render(camera, pixels)
        data = vtk.vtkUnsignedCharArray()
        self._window.GetRGBACharPixelData(0, 0, pixels - 1, pixels - 1, 0, data)
        rgba = numpy_support.vtk_to_numpy(data).reshape(pixels, pixels, 4)
        return np.ascontiguousarray(rgba[::-1, :, :3])

    def depth_image(self, camera: Camera, pixels: int) -> NDArray[np.float64]:
        """Return the distance along the view axis (pixels, pixels) in metres; infinite where there is nothing."""
        for actor, _ in self._actors:
            actor.SetForceTranslucent(False)
            actor.SetForceOpaque(True)
        self._renderer.SetUseSSAO(False)
        near, far = self._render(camera, pixels)
        buffer = vtk.vtkFloatArray()
        self._window.GetZbufferData(0, 0, pixels - 1, pixels - 1, buffer)
        depth = numpy_support.vtk_to_numpy(buffer).astype(np.float64).reshape(pixels, pixels)[::-1]
        with np.errstate(divide="ignore"):
            distance = near * far / (far - depth * (far - near))
        return np.where(depth < 1.0, distance, np.inf)

    def close(self) -> None:
        """Free the graphics memory."""
        self._window.Finalize()

    def _render(self, camera: Camera, pixels: int) -> tuple[float, float]:
        eye = self._renderer.GetActiveCamera()
        eye.SetPosition(*camera.eye)
        eye.SetFocalPoint(*camera.target)
        eye.SetViewUp(*camera.axes[1])
        eye.SetViewAngle(float(np.degrees(2 * camera.half_angle)))
        distance = float(np.linalg.norm(camera.target - camera.eye))
        near, far = distance - 1.1 * self._size, distance + 1.1 * self._size
        eye.SetClippingRange(near, far)
        self._window.SetSize(pixels, pixels)
        self._window.Render()
        return near, far

    def _add(self, data: Any, material: Material, image: Image.Image | None) -> None:
        actor = vtk.vtkActor()
        mapper = vtk.vtkPolyDataMapper()
        mapper.SetInputData(data)
        mapper.ScalarVisibilityOff()
        actor.SetMapper(mapper)
        actor.GetProperty().SetInterpolationToPhong()
        _paint(actor.GetProperty(), material, image is not None)
        if image is not None:
            actor.SetTexture(_texture(image))
            actor.GetShaderProperty().AddFragmentShaderReplacement(
                "//VTK::TCoord::Impl", True, "//VTK::TCoord::Impl" + _ALPHA_CUT, False
            )
        self._actors.append((actor, _is_clear(material)))
        self._renderer.AddActor(actor)


def _paint(surface: Any, material: Material, textured: bool) -> None:
    diffuse = np.asarray(material.diffuse)
    if textured:
        # Exporters often leave the colour under a texture black or grey: keep only its tint.
        diffuse = diffuse / diffuse.max() if diffuse.max() > 0.05 else np.ones(3)
    else:
        if sum(material.emission) > 0.3:
            diffuse = np.maximum(diffuse, material.emission)
        # Exporters write white as 0.64 or 0.8; the lift turns it into white.
        diffuse = 1 - (1 - diffuse) ** _LIFT
    if _is_clear(material):
        diffuse = _GLASS + (1 - _GLASS) * diffuse
    albedo = _FLOOR + (_CEILING - _FLOOR) * diffuse
    surface.SetColor(*albedo)
    surface.SetDiffuse(1.0)
    surface.SetAmbientColor(*albedo)
    surface.SetAmbient(0.14)
    shine = min(max(material.specular), 0.5)
    surface.SetSpecular(0.05 + 0.35 * shine)
    surface.SetSpecularColor(1.0, 1.0, 1.0)
    surface.SetSpecularPower(float(np.clip(material.shininess, 12.0, 80.0)))
    if _is_clear(material):
        surface.SetOpacity(float(np.clip(material.opacity, *_GLASS_OPACITY)))


def _is_clear(material: Material) -> bool:
    """Return whether it is transparent; exporters write opacity 0 for "unspecified"."""
    return 0.02 < material.opacity < 0.97


def _texture(image: Image.Image) -> Any:
    pixels = np.asarray(image)[::-1]
    data = vtk.vtkImageData()
    data.SetDimensions(pixels.shape[1], pixels.shape[0], 1)
    flat = np.ascontiguousarray(pixels.reshape(-1, pixels.shape[2]))
    data.GetPointData().SetScalars(numpy_support.numpy_to_vtk(flat, deep=True))
    texture = vtk.vtkTexture()
    texture.SetInputData(data)
    texture.InterpolateOn()
    texture.MipmapOn()
    texture.RepeatOn()
    return texture


def _poly_data(
    corners: NDArray[np.float64], normals: NDArray[np.float64], uvs: NDArray[np.float64] | None
) -> Any:
    """VTK's polygons from corners (T, 3, 3) with normals (T, 3, 3) and texture coordinates (T, 3, 2)."""
    data = vtk.vtkPolyData()
    placed = vtk.vtkPoints()
    placed.SetData(_floats(corners, 3))
    data.SetPoints(placed)
    cells = vtk.vtkCellArray()
    flat = np.insert(np.arange(3 * len(corners), dtype=np.int64).reshape(-1, 3), 0, 3, axis=1).ravel()
    cells.SetCells(len(corners), numpy_support.numpy_to_vtkIdTypeArray(flat, deep=True))
    data.SetPolys(cells)
    data.GetPointData().SetNormals(_floats(normals, 3))
    if uvs is not None:
        data.GetPointData().SetTCoords(_floats(uvs, 2))
    return data


def _floats(values: NDArray[np.float64], columns: int) -> Any:
    return numpy_support.numpy_to_vtk(
        np.ascontiguousarray(values.reshape(-1, columns), dtype=np.float32), deep=True
    )
