//! Flat shapes on a canvas: polygons, ellipses and lines in one colour each.

use tiny_skia::{
    BlendMode, Color, FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, Rect, Shader,
    Stroke, Transform,
};

use super::palette::{Hex, Light};

/// A point of the picture.
pub(super) type Point = (f32, f32);

/// A brush over a canvas, in some light. It is told where to draw in the hallway's own measure, whatever the canvas's size.
pub(super) struct Brush<'a> {
    canvas: &'a mut Pixmap,
    light: Light,
    scale: f32,
    view: Transform,
    mask: Option<&'a Mask>,
    blend: BlendMode,
}

impl<'a> Brush<'a> {
    /// On a canvas that is so large as the hallway, times `scale`.
    pub(super) fn new(canvas: &'a mut Pixmap, scale: f32, light: Light) -> Self {
        let view = Transform::from_scale(scale, scale);
        Self { canvas, light, scale, view, mask: None, blend: BlendMode::SourceOver }
    }

    /// Another brush over the whole of the same canvas.
    pub(super) fn in_light(&mut self, light: Light) -> Brush<'_> {
        Brush::new(self.canvas, self.scale, light)
    }

    /// Draws as if the canvas began at this point of the picture.
    pub(super) fn beginning_at(mut self, (x, y): Point) -> Self {
        self.view = self.view.pre_translate(-x, -y);
        self
    }

    pub(super) fn within(mut self, mask: &'a Mask) -> Self {
        self.mask = Some(mask);
        self
    }

    /// From here on, colours shine: they add to what is there.
    pub(super) fn shining(mut self) -> Self {
        self.light = Light::PLAIN;
        self.blend = BlendMode::Screen;
        self
    }

    /// From here on, colours lighten what is there without washing it out.
    pub(super) fn warming(mut self) -> Self {
        self.blend = BlendMode::SoftLight;
        self
    }

    pub(super) fn light(&self) -> Light {
        self.light
    }

    /// What lies within this path, for [`Brush::within`].
    pub(super) fn mask(&self, path: &Path) -> Option<Mask> {
        let mut mask = Mask::new(self.canvas.width(), self.canvas.height())?;
        mask.fill_path(path, FillRule::Winding, true, self.view);
        Some(mask)
    }

    fn paint(&self, hex: Hex, alpha: f32) -> Paint<'static> {
        let [r, g, b] = self.light.on(hex);
        let colour = Color::from_rgba(r.min(1.0), g.min(1.0), b.min(1.0), alpha.clamp(0.0, 1.0));
        Paint {
            shader: Shader::SolidColor(colour.unwrap_or(Color::BLACK)),
            blend_mode: self.blend,
            anti_alias: true,
            ..Paint::default()
        }
    }

    pub(super) fn polygon(&mut self, points: &[Point], hex: Hex, alpha: f32) {
        if let Some(path) = polygon(points, true) {
            self.fill(&path, hex, alpha);
        }
    }

    pub(super) fn fill(&mut self, path: &Path, hex: Hex, alpha: f32) {
        let paint = self.paint(hex, alpha);
        self.canvas.fill_path(path, &paint, FillRule::Winding, self.view, self.mask);
    }

    /// A rectangle by its left top corner and its size.
    pub(super) fn rect(&mut self, (x, y): Point, (w, h): Point, hex: Hex) {
        if let Some(rect) = Rect::from_xywh(x, y, w, h) {
            let paint = self.paint(hex, 1.0);
            self.canvas.fill_rect(rect, &paint, self.view, self.mask);
        }
    }

    /// An ellipse by its middle and its half axes.
    pub(super) fn ellipse(&mut self, (x, y): Point, (rx, ry): Point, hex: Hex, alpha: f32) {
        let rect = Rect::from_xywh(x - rx, y - ry, rx * 2.0, ry * 2.0);
        if let Some(path) = rect.and_then(PathBuilder::from_oval) {
            self.fill(&path, hex, alpha);
        }
    }

    /// The outline of a circle.
    pub(super) fn ring(&mut self, (x, y): Point, radius: f32, width: f32, hex: Hex, alpha: f32) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.stroke(&path, width, hex, alpha);
        }
    }

    /// A line with round ends through all points.
    pub(super) fn line(&mut self, points: &[Point], width: f32, hex: Hex, alpha: f32) {
        if let Some(path) = polygon(points, false) {
            self.stroke(&path, width, hex, alpha);
        }
    }

    /// A curve from first to last, bent towards the middle point.
    pub(super) fn curve(&mut self, [from, bend, to]: [Point; 3], width: f32, hex: Hex, alpha: f32) {
        let mut builder = PathBuilder::new();
        builder.move_to(from.0, from.1);
        builder.quad_to(bend.0, bend.1, to.0, to.1);
        if let Some(path) = builder.finish() {
            self.stroke(&path, width, hex, alpha);
        }
    }

    fn stroke(&mut self, path: &Path, width: f32, hex: Hex, alpha: f32) {
        let stroke =
            Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        let paint = self.paint(hex, alpha);
        self.canvas.stroke_path(path, &paint, &stroke, self.view, self.mask);
    }
}

/// A polygon, or a line through all points if it is not closed.
pub(super) fn polygon(points: &[Point], closed: bool) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut builder = PathBuilder::new();
    builder.move_to(first.0, first.1);
    for point in rest {
        builder.line_to(point.0, point.1);
    }
    if closed {
        builder.close();
    }
    builder.finish()
}

/// Smooth outline through cubic pieces: each is two handles and an end.
pub(super) fn outline(from: Point, pieces: &[[Point; 3]]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    builder.move_to(from.0, from.1);
    for [a, b, to] in pieces {
        builder.cubic_to(a.0, a.1, b.0, b.1, to.0, to.1);
    }
    builder.close();
    builder.finish()
}

/// A cheap, repeatable source of irregularity (xorshift), so that the same picture is drawn every time.
pub(super) struct Hand(u32);

impl Hand {
    pub(super) fn new(seed: u32) -> Self {
        Self(seed | 1)
    }

    pub(super) fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// Between `low` and `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        #[allow(clippy::cast_precision_loss, reason = "16 bits fit")]
        let share = (self.next() >> 16) as f32 / 65_535.0;
        low + (high - low) * share
    }
}
