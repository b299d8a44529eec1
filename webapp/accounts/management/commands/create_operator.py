"""`manage.py create_operator NAME`: an account with every permission."""

from __future__ import annotations

import getpass
import secrets
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.accounts.models import User
from webapp.accounts.services import api_token_create, operator_create


class Command(BaseCommand):
    help = "Creates an operator, or makes an existing user one and sets the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--password", help="prompted for if absent; without a terminal, one is generated and printed"
        )
        parser.add_argument(
            "--token", metavar="NAME", help="also create an API token with this name and print its key"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        username, password = options["username"], options["password"]
        generated = password is None and not sys.stdin.isatty()
        if password is None:
            password = (
                secrets.token_urlsafe(12) if generated else getpass.getpass(f"Password for {username}: ")
            )
        try:
            User.username.field.run_validators(username)
            validate_password(password, User(username=username, email=options["email"]))
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        user = operator_create(username=username, password=password, email=options["email"])
        self.stdout.write(f"operator {user.username}" + (f", password {password}" if generated else ""))
        if options["token"]:
            if user.api_tokens.filter(name=options["token"]).exists():
                raise CommandError(
                    f"--token: {user.username} already has a token named {options['token']!r}; choose another name"
                )
            self.stdout.write(api_token_create(user=user, name=options["token"])[1])
