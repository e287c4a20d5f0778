import pytest
from django import forms

from common.polite_forms import ask_politely, with_object_particle


@pytest.mark.parametrize(
    ("noun", "text"),
    [("이름", "이름을"), ("주소", "주소를"), ("판매가", "판매가를"), ("제목", "제목을"), ("ID", "ID를")],
)
def test_nouns_get_their_particle(noun, text):
    assert with_object_particle(noun) == text


def test_a_missing_answer_is_named():
    class Form(forms.Form):
        name = forms.CharField(label="이름")
        category = forms.ChoiceField(label="카테고리", choices=[("a", "가")])
        quantity = forms.IntegerField(label="수량", error_messages={"required": "몇 개인가요?"})

    form = Form({})
    ask_politely(form)
    assert form.errors == {
        "name": ["이름을 적어 주세요."],
        "category": ["카테고리를 골라 주세요."],
        "quantity": ["몇 개인가요?"],
    }
