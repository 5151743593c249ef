//! The screen: a title, a page, where the link leads, and what the keys are for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::app::{App, Mode, Purpose};
use super::page::{Link, Row, clean};

/// What stands before the text of an item: a mark, a number, a tag.
const INDENT: usize = 10;

const HINTS: &str = "Enter follow  Left back  o address  / find  a keep  B bookmarks  ? keys  q quit";

pub fn draw(app: &mut App, screen: &mut Buffer) {
    let area = *screen.area();
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    app.height = height.saturating_sub(3).max(1);
    if height < 4 || width < 20 {
        put(screen, 0, "the screen is too small", Style::new());
        return;
    }
    let rows = app.height;
    let mut lead = String::new();
    let mut title = " netkit gopher".to_owned();
    let mut place = String::new();
    if let Some(page) = app.page() {
        page.fit(width.saturating_sub(1));
        page.scroll(0, rows);
        title = match page.url.is_empty() || page.url == page.title {
            true => format!(" {}", page.title),
            false => format!(" {} - {}", page.title, page.url),
        };
        let all = page.rows().len();
        if all > rows {
            place = format!(" {}-{} of {all} ", page.top + 1, (page.top + rows).min(all));
        }
        let selected = page.selected_row();
        let visible = page.rows().iter().enumerate().skip(page.top).take(rows);
        for ((at, row), y) in visible.zip(1u16..) {
            let (line, style) = shown(row, page.number_of(at), selected == Some(at));
            put(screen, y, &cut(&line, width), style);
        }
        lead = match page.link() {
            Some(Link::Item(item)) => {
                let url = page.target.as_ref().and_then(|from| item.url_from(from));
                url.unwrap_or_else(|| "(an address that is not followed)".to_owned())
            }
            Some(Link::Place(_, url)) => url.clone(),
            None => String::new(),
        };
    }
    let bar = Style::new().add_modifier(Modifier::REVERSED);
    screen.set_style(Rect { height: 1, ..area }, bar);
    put(screen, 0, &cut(&title, width.saturating_sub(place.len())), bar);
    let right = u16::try_from(width.saturating_sub(place.len())).unwrap_or(0);
    screen.set_stringn(right, 0, &place, place.len(), bar);
    let status = match (&app.busy, app.status.as_str()) {
        (Some(busy), _) => format!("{busy}   Esc stops"),
        (None, "") => cut(&clean(&lead), width),
        (None, said) => said.to_owned(),
    };
    let style = Style::new().add_modifier(Modifier::BOLD);
    put(screen, area.height - 2, &cut(&status, width), style);
    put(screen, area.height - 1, &last(app, width), Style::new());
}

fn put(screen: &mut Buffer, y: u16, line: &str, style: Style) {
    let width = usize::from(screen.area().width);
    screen.set_stringn(0, y, line, width, style);
}

fn shown(row: &Row, number: Option<usize>, selected: bool) -> (String, Style) {
    let style = Style::new();
    match (number, row.tag) {
        (Some(number), Some(tag)) => {
            let mark = if selected { '>' } else { ' ' };
            let style = if selected { style.add_modifier(Modifier::REVERSED) } else { style };
            (format!("{mark}{number:>4} {tag} {}", row.text), style)
        }
        (_, None) => (row.text.clone(), style),
        _ => (format!("{:INDENT$}{}", "", row.text), style),
    }
}

/// The last line: what is typed, what is asked, or what could be typed.
fn last(app: &App, width: usize) -> String {
    let typed = |prompt: &str, line: &str| {
        // The end of a long line is what is being typed.
        let all = format!("{prompt}{line}_");
        let long = all.chars().count().saturating_sub(width);
        all.chars().skip(long).collect::<String>()
    };
    match &app.mode {
        Mode::Browse => cut(HINTS, width),
        Mode::Number(digits) => typed("Link: ", digits),
        Mode::Sure(question, _) => {
            let question = clean(question);
            let end = " (y/n)";
            format!("{}{end}", cut(&question, width.saturating_sub(end.len())))
        }
        Mode::Line(purpose, line) => match purpose {
            Purpose::Address => typed("Address: ", line),
            Purpose::Find => typed("Find: ", line),
            Purpose::Search(order) => typed(&format!("{}: ", clean(&order.title)), line),
            Purpose::Lookup(target) => typed(&format!("Look up at {}: ", target.endpoint), line),
            Purpose::SaveAs(_) => typed("Save as: ", line),
            Purpose::Form(form) => {
                let stars = "*".repeat(line.chars().count());
                typed(&form.prompt(), if form.is_secret() { &stars } else { line })
            }
        },
    }
}

/// At most so wide, with a mark where something is missing.
fn cut(text: &str, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}
