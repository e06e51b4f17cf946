"""What people type about themselves."""

from __future__ import annotations

from wtforms import PasswordField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from course.forms import FormBase
from course.people.rules import EMAIL_ADDRESS

EMAIL = Regexp(f"^{EMAIL_ADDRESS.pattern}$", message="Enter an email address with an @ in it")


def plain_line(text: str | None) -> str | None:
    """One line as a person would write it: no control signs, no spaces around it."""
    return "".join(sign for sign in text if sign.isprintable()).strip() if text is not None else None


class SignInForm(FormBase):
    """Signing in with a password."""

    email = StringField("Email address", [InputRequired("Enter your email address"), Length(max=254), EMAIL])
    password = PasswordField("Password", [InputRequired("Enter your password"), Length(max=500)])
    device = RadioField(
        "Whose phone or computer is this?",
        choices=[SelectChoice("shared", "Shared or borrowed"), SelectChoice("mine", "My own")],
        default="shared",
    )


class LinkForm(FormBase):
    """Asking for a letter with a link."""

    email = StringField("Email address", [InputRequired("Enter your email address"), Length(max=254), EMAIL])


class DeviceForm(FormBase):
    """Using a sign-in link."""

    device = SignInForm.device


class ChoosePasswordForm(FormBase):
    """Choosing a password, at first or anew."""

    password = PasswordField("New password", [InputRequired("Enter a new password"), Length(max=500)])


class ChangePasswordForm(ChoosePasswordForm):
    """Changing a password while signed in."""

    current_password = PasswordField("Current password", [InputRequired("Enter your current password")])


class NamesForm(FormBase):
    """What somebody is called."""

    name = StringField("Full name", [DataRequired("Enter your full name"), Length(max=120)], [plain_line])
    known_as = StringField(
        "What should we call you?", [DataRequired("Enter what we should call you"), Length(max=60)], [plain_line]
    )


class ChangeEmailForm(LinkForm):
    """Changing the address that letters go to."""

    current_password = PasswordField("Current password", [InputRequired("Enter your current password")])
