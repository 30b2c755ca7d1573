"""An array drawn as cells: canvas, camera, colours, numbers, marks, scales."""
