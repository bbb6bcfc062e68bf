//! Figures as SVG.

use std::path::Path;

use anyhow::anyhow;
use plotters::prelude::*;

/// A line: its name and its points.
pub(crate) type Line = (String, Vec<(u64, u64)>);

/// One figure in a file: how something grows with something else, both by powers of ten from left to right, and from zero upwards.
pub(crate) fn draw(file: &Path, title: &str, (across, up): (&str, &str), lines: &[Line]) -> anyhow::Result<()> {
    let wrong = |error: &dyn std::error::Error| anyhow!("{}: {error}", file.display());
    // Far beyond what a figure shows, numbers as floating point are still exact enough for a line.
    let number = |value: u64| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    let all = || lines.iter().flat_map(|(_, points)| points);
    let (least, most) = (all().map(|point| point.0).min(), all().map(|point| point.0).max());
    let high = all().map(|point| point.1).max().unwrap_or(1);
    let area = SVGBackend::new(file, (640, 360)).into_drawing_area();
    area.fill(&WHITE).map_err(|error| wrong(&error))?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .margin_right(36)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(
            (number(least.unwrap_or(1))..number(most.unwrap_or(10))).log_scale(),
            0.0..number(high + high / 5),
        )
        .map_err(|error| wrong(&error))?;
    chart
        .configure_mesh()
        .x_desc(across)
        .y_desc(up)
        .x_label_formatter(&|value| format!("{value:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(|error| wrong(&error))?;
    for (place, (name, points)) in lines.iter().enumerate() {
        let color = Palette99::pick(place).to_rgba();
        let points = || points.iter().map(|(x, y)| (number(*x), number(*y)));
        chart
            .draw_series(LineSeries::new(points(), color.stroke_width(2)))
            .map_err(|error| wrong(&error))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
        let dots = points().map(|point| Circle::new(point, 3, color.filled()));
        chart.draw_series(dots).map_err(|error| wrong(&error))?;
    }
    if lines.len() > 1 {
        let mut labels = chart.configure_series_labels();
        let labels = labels.background_style(WHITE).border_style(BLACK.mix(0.3));
        labels.position(SeriesLabelPosition::LowerRight).draw().map_err(|error| wrong(&error))?;
    }
    area.present().map_err(|error| wrong(&error))
}
